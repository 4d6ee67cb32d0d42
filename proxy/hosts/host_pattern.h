#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "proxy/hosts/host.h"
#include "runtime/base/effect.h"
#include "runtime/base/result.h"

namespace srt::net {

/// The pattern `*`.
struct AnyHost {
  auto operator<=>(const AnyHost&) const = default;
};

/// The pattern `*.parent`: every name strictly beneath `parent`.
struct Subdomains {
  HostName parent;

  auto operator<=>(const Subdomains&) const = default;
};

/// Ports from `first` to `last`, both included.
struct PortRange {
  uint16_t first = 0;
  uint16_t last = 65535;

  bool contains(uint16_t port) const { return first <= port && port <= last; }

  auto operator<=>(const PortRange&) const = default;
};

/// Reads `443`, `8000-8100` or `*`, which is every port. On failure `*error_offset`, when given, is
/// the place in `text` of the part at fault.
Result<PortRange> parse_port_range(std::string_view text, size_t* error_offset = nullptr);
std::string to_string(const PortRange& ports);

/// What a `connect` rule names: hosts and the ports of them.
struct HostPattern {
  std::variant<AnyHost, HostName, Subdomains, AddressRange> hosts;
  PortRange ports = {};

  auto operator<=>(const HostPattern&) const = default;
};

/// Reads `*`, `example.com`, `*.example.com`, `10.0.0.1`, `10.0.0.0/8`, `[2001:db8::1]` or
/// `[2001:db8::/32]`, each with `:443` or `:8000-8100` behind it or with no port, which is every
/// port. On failure `*error_offset`, when given, is the place in `text` of the part at fault.
Result<HostPattern> parse_host_pattern(std::string_view text, size_t* error_offset = nullptr);

/// The canonical spelling: `parse_host_pattern` reads it as an equal pattern, and equal patterns
/// have equal spellings.
std::string to_string(const HostPattern& pattern);

/// Whether a rule of this effect and pattern matches a request. A deny reaches further: `*` covers
/// addresses too, and a range covers the IPv6 addresses that carry one of its IPv4 addresses. An
/// allow with `*` or `*.x` never covers an address, one with `*` neither `localhost` nor a name
/// beneath it.
bool matches(const HostPattern& pattern, const Host& host, uint16_t port, Effect effect);

}  // namespace srt::net
