#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "proxy/hosts/host.h"
#include "runtime/bundle/bundle.h"

namespace srt {

/// A port of the sandbox's own loopback that srt-run listens on.
struct ServedPort {
  enum class Kind : std::uint8_t {
    proxy,     ///< the proxy's own
    http,      ///< leads to the HTTP proxy that the policy names instead, on the host
    socks,     ///< likewise for SOCKS
    loopback,  ///< leads to the same port of the host's loopback
  };

  std::uint16_t port;
  Kind kind = Kind::proxy;
  std::optional<net::Host> destination = {};  ///< of `loopback`
  std::uint16_t external_port = 0;            ///< of `http` and `socks`, on the host
};

/// The ports to listen on: the proxy's first, then those of the caller's own proxies, then each
/// loopback port of the host that a rule allows by name, so that programs find it where they would
/// outside. Those of a rule without a port, or with more than kMaxRange, are reached through the
/// proxy only. None where nothing may leave.
std::vector<ServedPort> served_ports(const Bundle& bundle);

/// Where the kernel cannot redirect connections, the proxy waits on these ports of every address
/// for programs that know nothing of it.
struct CapturedPorts {
  std::vector<std::uint16_t> ports;  ///< those that rules name, at most kMaxCaptured
  /// The rules that allow ports beyond, which such programs do not reach.
  std::vector<std::uint32_t> rules_beyond;
};
CapturedPorts captured_ports(const Bundle& bundle);
inline constexpr std::size_t kMaxCaptured = 32;

/// The port of this kind; 0 where there is none.
std::uint16_t port_of(const std::vector<ServedPort>& ports, ServedPort::Kind kind);

/// The ports of the sandbox that the host's loopback leads to, in ascending order: those whose last
/// rule says so. An error when they are more than kMaxPublishedPorts, or one is the host's by
/// another rule.
Result<std::vector<std::uint16_t>> published_ports(const Bundle& bundle);

/// How many ports a rule may name for each to get a listener.
inline constexpr std::uint32_t kMaxRange = 16;

}  // namespace srt
