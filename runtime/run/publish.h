#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/base/unique_fd.h"

namespace srt {

/// A socket that listens on the host's loopback for what the sandbox serves.
struct PublishedListener {
  std::uint16_t port;
  UniqueFd socket;
};

/// Listens on each of `ports` on 127.0.0.1 and, where there is IPv6, on ::1. Fails when one of them
/// cannot be had.
Result<std::vector<PublishedListener>> listen_on_host(std::span<const std::uint16_t> ports);

}  // namespace srt
