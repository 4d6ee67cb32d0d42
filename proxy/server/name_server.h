#pragma once

#include <asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/base/unique_fd.h"

namespace srt::net {

struct ProxyState;
class Session;

/// Bytes of the longest look-up: more than any of a host has. Longer ones are cut, and so
/// malformed.
inline constexpr size_t kMaxLookUp = 1500;

/// What the proxy says to a look-up, reported where the policy denies the name. Empty when the
/// bytes deserve no answer.
std::vector<uint8_t> answer_look_up(ProxyState& state, std::span<const uint8_t> query);

/// Answers what comes to a bound UDP socket, each from the address that was asked, until the proxy
/// stops. Fails when it is not such a socket, and on macOS, where nothing is captured.
Status answer_datagrams(const std::shared_ptr<ProxyState>& state, UniqueFd socket);

/// Answers the client of `session`, who speaks DNS over TCP, until it is done.
asio::awaitable<void> answer_stream(Session& session);

}  // namespace srt::net
