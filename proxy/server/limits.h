#pragma once

#include <chrono>
#include <cstddef>

namespace srt::net {

/// What a client may use up. The defaults are for one confined command and all that it starts.
struct ProxyLimits {
  /// Connections served at once; further ones wait in the listener's queue. Well above what package
  /// managers and test suites open, at two descriptors and a few KB each.
  size_t connections = 12000;

  /// Bytes of the head of a request or a response. Servers in use stop between 8 KiB and 64 KiB.
  size_t head_bytes = size_t{64} * 1024;

  /// From a connection's first moment, or a request's first byte, until its head is whole.
  std::chrono::milliseconds head_time = std::chrono::seconds(30);

  /// Without a byte while a request, its response or the next request is awaited. Above the minute
  /// that slow servers take to answer.
  std::chrono::milliseconds idle_time = std::chrono::minutes(5);

  /// Without a byte either way through a tunnel. Above the keep-alive intervals in use, so that it
  /// ends only what both ends forgot.
  std::chrono::milliseconds tunnel_idle_time = std::chrono::hours(2);

  /// For a name to be resolved.
  std::chrono::milliseconds resolve_time = std::chrono::seconds(10);

  /// For all attempts to reach the addresses of one name.
  std::chrono::milliseconds dial_time = std::chrono::seconds(20);

  /// Until the next address is tried beside an unanswered one: RFC 8305, section 5.
  std::chrono::milliseconds dial_stagger = std::chrono::milliseconds(250);
};

}  // namespace srt::net
