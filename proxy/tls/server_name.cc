#include "proxy/tls/server_name.h"

#include <fmt/core.h>

#include "proxy/hosts/quote.h"
#include "runtime/base/result.h"

namespace srt::net {

namespace {

bool is_this_machine(const Host& host) {
  if (const auto* name = std::get_if<HostName>(&host)) return name->text() == "localhost";
  return is_loopback(std::get<IpAddress>(host));
}

}  // namespace

std::string server_name_problem(const std::optional<std::string>& server_name, const Host& asked) {
  if (!server_name) {
    const bool in_order = std::holds_alternative<IpAddress>(asked) || is_this_machine(asked);
    return in_order ? "" : "the TLS hello names no server";
  }
  const Result<Host> named = canonical_host(*server_name);
  if (!named) return "the TLS hello's server name: " + named.error().message;
  if (*named == asked || (is_this_machine(*named) && is_this_machine(asked))) return "";
  return fmt::format("the TLS hello names {}", quote(*server_name));
}

}  // namespace srt::net
