#pragma once

#include <asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "proxy/dns/answer.h"
#include "runtime/base/result.h"
#include "runtime/base/unique_fd.h"

namespace srt::net {

struct ProxyState;
class Session;

/// Bytes of the longest look-up: more than any of a host has. Longer ones are cut, and so
/// malformed.
inline constexpr size_t kMaxLookUp = 1500;

/// What the policy says to a look-up, reported where it denies the name.
DnsOutcome judge_look_up(ProxyState& state, std::span<const uint8_t> query);

/// Whether a program may have made the name out of another one, by its search list: then there is
/// more to an answer than the policy.
bool is_searched(const ProxyState& state, const DnsOutcome& outcome);

/// What to send once it is known whether such a name exists.
asio::awaitable<std::vector<uint8_t>> find_out(ProxyState& state, DnsOutcome outcome);

/// Answers what comes to a bound UDP socket, each from the address that was asked, until the proxy
/// stops. Fails when it is not such a socket, and on macOS, where nothing is captured.
Status answer_datagrams(const std::shared_ptr<ProxyState>& state, UniqueFd socket);

/// Answers the client of `session`, who speaks DNS over TCP, until it is done.
asio::awaitable<void> answer_stream(Session& session);

}  // namespace srt::net
