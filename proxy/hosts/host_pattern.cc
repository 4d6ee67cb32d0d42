#include "proxy/hosts/host_pattern.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "proxy/hosts/quote.h"

namespace srt::net {

namespace {

constexpr std::string_view kForms =
    "patterns are `example.com`, `*.example.com`, `*`, `10.0.0.0/8` or `[2001:db8::/32]`, with "
    "`:443` or `:8000-8100` for ports";

// A decimal number without sign or leading zero.
std::optional<unsigned> parse_decimal(std::string_view text, unsigned max) {
  unsigned value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  const bool padded = text.size() > 1 && text.front() == '0';
  if (text.empty() || padded || error != std::errc() || stop != end || value > max) {
    return std::nullopt;
  }
  return value;
}

template <typename... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <typename... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

// `443` or `8000-8100`.
Result<PortRange> parse_ports(std::string_view text, size_t* error_offset) {
  const auto port_at = [&](size_t at, std::string_view part) -> Result<uint16_t> {
    const std::optional<unsigned> port = parse_decimal(part, 65535);
    if (port && *port != 0) return static_cast<uint16_t>(*port);
    if (error_offset != nullptr) *error_offset = at;
    return Error{fmt::format("{} is not a port", quote(part)), "a number from 1 to 65535"};
  };
  const size_t dash = text.find('-');
  const Result<uint16_t> first = port_at(0, text.substr(0, dash));
  if (!first) return first.error();
  if (dash == std::string_view::npos) return PortRange{*first, *first};
  const Result<uint16_t> last = port_at(dash + 1, text.substr(dash + 1));
  if (!last) return last.error();
  if (*first > *last) {
    return Error{fmt::format("port range {} runs backwards", quote(text)),
                 fmt::format("write `{}-{}`", *last, *first)};
  }
  return PortRange{*first, *last};
}

// Reads one pattern; `offset_` is where the part being read starts, for the caller's message.
class PatternParser {
 public:
  explicit PatternParser(std::string_view text) : text_(text) {}

  size_t offset() const { return offset_; }

  Result<HostPattern> parse() {
    if (text_.empty()) return Error{"the host pattern is empty", std::string(kForms)};
    if (const size_t at = text_.find("://"); at != std::string_view::npos) {
      return Error{fmt::format("{} is a URL, not a host", quote(text_)),
                   "write the host only, without scheme and path"};
    }
    const bool bracketed = text_.front() == '[';
    const size_t host_end = bracketed ? text_.find(']') : text_.find(':');
    if (bracketed && host_end == std::string_view::npos) {
      return Error{fmt::format("{} lacks its closing `]`", quote(text_)), "write `[::1]:443`"};
    }
    if (!bracketed && host_end != text_.rfind(':')) {
      return Error{fmt::format("IPv6 address {} is not in brackets", quote(text_)),
                   "write `[::1]`, or `[::1]:443` with a port"};
    }
    const std::string_view host =
        bracketed ? text_.substr(1, host_end - 1) : text_.substr(0, host_end);
    Result<HostPattern> pattern = bracketed ? parse_ipv6_range(host) : parse_unbracketed(host);
    if (!pattern) return pattern;

    const size_t rest = bracketed ? host_end + 1 : std::min(host_end, text_.size());
    if (rest == text_.size()) return pattern;
    offset_ = rest;
    if (text_[rest] != ':') {
      return Error{fmt::format("{} follows the `]`", quote(text_.substr(rest))),
                   "a prefix length goes inside, as in `[2001:db8::/32]`; a port is `:443`"};
    }
    ++offset_;
    size_t at = 0;
    Result<PortRange> ports = parse_ports(text_.substr(rest + 1), &at);
    if (!ports) {
      offset_ = rest + 1 + at;
      return std::move(ports).error();
    }
    pattern->ports = *ports;
    return pattern;
  }

 private:
  Result<HostPattern> parse_unbracketed(std::string_view host) {
    if (host == "*") return HostPattern{AnyHost{}};
    if (host.starts_with("*.")) return parse_subdomains(host);
    if (const size_t star = host.find('*'); star != std::string_view::npos) {
      offset_ = star;
      return Error{fmt::format("`*` stands inside {}", quote(host)),
                   "`*` is the whole pattern, or its first label as in `*.example.com`"};
    }
    if (const size_t slash = host.find('/'); slash != std::string_view::npos) {
      const std::optional<IpAddress> base = parse_ipv4(host.substr(0, slash));
      if (base) return parse_range(*base, host, slash);
      offset_ = slash;
      return Error{fmt::format("{} holds a `/` and is not an address range", quote(host)),
                   "a rule names hosts, not paths; a range is written `10.0.0.0/8`"};
    }
    Result<Host> parsed = canonical_host(host);
    if (!parsed) return std::move(parsed).error();
    if (const auto* address = std::get_if<IpAddress>(&*parsed)) {
      return HostPattern{single_address(*address)};
    }
    return HostPattern{std::get<HostName>(*std::move(parsed))};
  }

  Result<HostPattern> parse_subdomains(std::string_view host) {
    const std::string_view parent = host.substr(2);
    offset_ = 2;
    if (const size_t star = parent.find('*'); star != std::string_view::npos) {
      offset_ += star;
      return Error{fmt::format("{} holds a second `*`", quote(host)),
                   "`*.example.com` covers subdomains of every depth"};
    }
    Result<Host> parsed = canonical_host(parent);
    if (!parsed) return std::move(parsed).error();
    if (auto* name = std::get_if<HostName>(&*parsed)) {
      return HostPattern{Subdomains{std::move(*name)}};
    }
    return Error{fmt::format("address {} has no subdomains", quote(parent)),
                 "a range of addresses is written `10.0.0.0/8`"};
  }

  Result<HostPattern> parse_ipv6_range(std::string_view inside) {
    offset_ = 1;
    const size_t slash = inside.find('/');
    Result<IpAddress> base = parse_ipv6(inside.substr(0, slash));
    if (!base) return std::move(base).error();
    if (slash == std::string_view::npos) return HostPattern{single_address(base->unmapped())};
    Result<HostPattern> pattern = parse_range(*base, inside, slash);
    if (!pattern) return pattern;
    // A range of mapped addresses is the IPv4 range, as each of its addresses is the IPv4 address.
    auto& range = std::get<AddressRange>(pattern->hosts);
    const unsigned mapped_bits = range.base.bit_width() - 32;
    if (range.prefix >= mapped_bits && range.base.unmapped().is_v4()) {
      range = {range.base.unmapped(), range.prefix - mapped_bits};
    }
    return pattern;
  }

  // `text` is the range as written, its prefix length behind `slash`.
  Result<HostPattern> parse_range(const IpAddress& base, std::string_view text, size_t slash) {
    const std::optional<unsigned> prefix = parse_decimal(text.substr(slash + 1), base.bit_width());
    if (!prefix) {
      offset_ += slash + 1;
      return Error{fmt::format("{} is not a prefix length", quote(text.substr(slash + 1))),
                   fmt::format("a number from 0 to {}", base.bit_width())};
    }
    const AddressRange range{base.truncated(*prefix), *prefix};
    if (range.base != base) {
      return Error{fmt::format("range {} has bits set beyond its prefix length", quote(text)),
                   fmt::format("write `{}/{}`", to_string(range.base), *prefix)};
    }
    return HostPattern{range};
  }

  std::string_view text_;
  size_t offset_ = 0;
};

}  // namespace

Result<PortRange> parse_port_range(std::string_view text, size_t* error_offset) {
  return text == "*" ? PortRange{} : parse_ports(text, error_offset);
}

Result<HostPattern> parse_host_pattern(std::string_view text, size_t* error_offset) {
  PatternParser parser(text);
  Result<HostPattern> pattern = parser.parse();
  if (!pattern && error_offset != nullptr) *error_offset = parser.offset();
  return pattern;
}

std::string to_string(const PortRange& ports) {
  if (ports == PortRange{}) return "*";
  if (ports.first == ports.last) return std::to_string(ports.first);
  return fmt::format("{}-{}", ports.first, ports.last);
}

std::string to_string(const HostPattern& pattern) {
  const std::string hosts =
      std::visit(Overloaded{
                     [](const AnyHost&) { return std::string("*"); },
                     [](const HostName& name) { return name.text(); },
                     [](const Subdomains& subdomains) { return "*." + subdomains.parent.text(); },
                     [](const AddressRange& range) {
                       std::string text = to_string(range.base);
                       if (range.prefix != range.base.bit_width())
                         text += fmt::format("/{}", range.prefix);
                       return range.base.is_v4() ? text : "[" + text + "]";
                     },
                 },
                 pattern.hosts);
  return pattern.ports == PortRange{} ? hosts : hosts + ':' + to_string(pattern.ports);
}

bool matches(const HostPattern& pattern, const Host& host, uint16_t port, Effect effect) {
  if (!pattern.ports.contains(port)) return false;
  const bool deny = effect == Effect::deny;
  if (const auto* name = std::get_if<HostName>(&host)) {
    return std::visit(
        Overloaded{
            // `localhost` is loopback by another name.
            [&](const AnyHost&) { return deny || !name->is_localhost(); },
            [&](const HostName& wanted) { return *name == wanted; },
            [&](const Subdomains& wanted) { return name->is_subdomain_of(wanted.parent); },
            [](const AddressRange&) { return false; },
        },
        pattern.hosts);
  }
  const auto& address = std::get<IpAddress>(host);
  if (std::holds_alternative<AnyHost>(pattern.hosts)) return deny;
  const auto* range = std::get_if<AddressRange>(&pattern.hosts);
  if (range == nullptr) return false;
  if (range->contains(address)) return true;
  const std::optional<IpAddress> embedded = address.embedded_ipv4();
  return deny && embedded && range->contains(*embedded);
}

}  // namespace srt::net
