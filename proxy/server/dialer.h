#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <optional>
#include <variant>

#include "proxy/server/http.h"
#include "proxy/server/peer.h"
#include "proxy/server/refusal.h"

namespace srt::net {

struct ProxyState;

/// A way to a host.
struct Route {
  Peer peer;
  /// The address that it leads to; none where the upstream proxy looks the name up.
  std::optional<IpAddress> address;
  /// Whether the peer is the upstream proxy itself, which expects requests in absolute form.
  bool absolute_form = false;
};

/// A way, or why there is none.
using Dialed = std::variant<Route, Refusal>;

/// What a connection is for.
enum class Traffic : uint8_t { any, http_requests };

/// What the policy says about a request as it was spelled; none when it allows it.
std::optional<Refusal> judge(const ProxyState& state, const Authority& asked);

/// What the policy says about a connection that is open, to `address` where that is known; none
/// when it may stay.
std::optional<Refusal> judge(const ProxyState& state, const Authority& asked,
                             const std::optional<IpAddress>& address);

/// Opens a way to `asked`, which `judge` let pass: resolves the name once, checks every address,
/// and dials those that passed, families taking turns, until one answers (RFC 8305). `localhost`
/// names are loopback without a look-up. A way that the policy denies by the time it is open is
/// refused.
///
/// With an upstream proxy the way leads through that, which resolves the name. Addresses that were
/// asked for are checked all the same; and where a rule denies addresses, names are resolved and
/// checked here and the upstream proxy is asked for an address that passed.
asio::awaitable<Dialed> dial(ProxyState& state, Authority asked, Traffic traffic = Traffic::any);

/// Opens a way to a port of this host's loopback, whatever the policy says.
asio::awaitable<Dialed> dial_loopback(ProxyState& state, uint16_t port);

/// Asks the upstream proxy that `peer` is connected to for a tunnel to `target`. What comes behind
/// its answer is in `peer.unread`. The result says, if anything, how it failed, to complete "the
/// upstream proxy …".
asio::awaitable<std::optional<std::string>> open_upstream_tunnel(ProxyState& state, Peer& peer,
                                                                 const Authority& target);

}  // namespace srt::net
