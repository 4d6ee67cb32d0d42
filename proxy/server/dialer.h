#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <optional>
#include <variant>

#include "proxy/server/http.h"
#include "proxy/server/refusal.h"

namespace srt::net {

struct ProxyState;

/// A connected socket, or why there is none.
using Dialed = std::variant<asio::ip::tcp::socket, Refusal>;

/// What the policy says about a request as it was spelled; none when it allows it.
std::optional<Refusal> judge(const ProxyState& state, const Authority& asked);

/// Opens a connection to `asked`, which `judge` let pass: resolves the name once, checks every
/// address, and dials those that passed, families taking turns, until one answers (RFC 8305).
/// `localhost` names are loopback without a look-up.
asio::awaitable<Dialed> dial(ProxyState& state, Authority asked);

}  // namespace srt::net
