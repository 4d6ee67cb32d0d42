#include <fmt/format.h>

#include "proxy/hosts/host.h"
#include "proxy/hosts/host_pattern.h"
#include "tests/support/laws.h"

namespace srt::test {
namespace {

std::string breach(std::string_view law, std::string_view text) {
  return fmt::format("{}: `{}`\n", law, text);
}

std::string breach_of_error(const Error& error) {
  const bool is_line = !error.message.empty() && error.message.find('\n') == std::string::npos;
  return is_line ? "" : breach("a refusal is not one line", error.message);
}

std::string breach_of_host(std::string_view text) {
  const Result<net::Host> host = net::canonical_host(text);
  if (!host) return breach_of_error(host.error());
  const std::string spelling = net::to_string(*host);
  const Result<net::Host> again = net::canonical_host(spelling);
  if (!again) return breach("a canonical host is refused", spelling);
  if (*again != *host) return breach("a canonical host is another one", spelling);
  if (net::to_string(*again) != spelling) return breach("a host has two spellings", spelling);
  const auto* name = std::get_if<net::HostName>(&*host);
  if (name == nullptr) return {};
  constexpr std::string_view kBytes = "abcdefghijklmnopqrstuvwxyz0123456789-._";
  if (name->text().empty() || name->text().size() > net::HostName::kMaxName ||
      name->text().find_first_not_of(kBytes) != std::string::npos) {
    return breach("a name holds what none can", name->text());
  }
  // What a resolver would take for an address must not pass for a name.
  if (net::parse_ipv4(name->text())) return breach("an address passes for a name", spelling);
  return {};
}

std::string breach_of_pattern(std::string_view text) {
  std::size_t at = 0;
  const Result<net::HostPattern> pattern = net::parse_host_pattern(text, &at);
  if (!pattern) {
    return at > text.size() ? breach("a problem outside the text", text)
                            : breach_of_error(pattern.error());
  }
  const std::string spelling = net::to_string(*pattern);
  const Result<net::HostPattern> again = net::parse_host_pattern(spelling);
  if (!again) return breach("a canonical pattern is refused", spelling);
  if (*again != *pattern) return breach("a canonical pattern is another one", spelling);
  for (const char* subject : {"localhost", "a.example.com", "10.0.0.1", "::1", "64:ff9b::a00:1"}) {
    const net::Host host = net::canonical_host(subject).value();
    for (const std::uint16_t port : {std::uint16_t{1}, std::uint16_t{443}}) {
      if (net::matches(*pattern, host, port, Effect::allow) &&
          !net::matches(*pattern, host, port, Effect::deny)) {
        return breach("a deny reaches less far than an allow", spelling);
      }
    }
  }
  return {};
}

std::string breach_of_ports(std::string_view text) {
  std::size_t at = 0;
  const Result<net::PortRange> ports = net::parse_port_range(text, &at);
  if (!ports) {
    return at > text.size() ? breach("a problem outside the text", text)
                            : breach_of_error(ports.error());
  }
  const Result<net::PortRange> again = net::parse_port_range(net::to_string(*ports));
  if (!again || *again != *ports) return breach("ports are spelled as others", text);
  return {};
}

}  // namespace

std::string breach_of_host_laws(std::string_view text) {
  return breach_of_host(text) + breach_of_pattern(text) + breach_of_ports(text);
}

}  // namespace srt::test
