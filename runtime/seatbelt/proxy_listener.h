#pragma once

#include <cstdint>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/base/unique_fd.h"

namespace srt {

/// Listening TCP sockets on one port of this host's loopback that was free: on 127.0.0.1 and, where
/// there is IPv6, on ::1. A profile's `localhost:PORT` means both, so that nobody else may have
/// one.
struct ProxyListener {
  std::uint16_t port;
  std::vector<UniqueFd> sockets;
};

Result<ProxyListener> listen_for_command();

}  // namespace srt
