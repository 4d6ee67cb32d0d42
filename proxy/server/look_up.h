#pragma once

#include <asio/awaitable.hpp>

#include "proxy/server/resolver.h"

namespace srt::net {

struct ProxyState;

/// Asks the proxy's resolver for a name, which must stay alive until then, but waits no longer than
/// the limit.
asio::awaitable<Resolution> look_up(ProxyState& state, const HostName& name);

}  // namespace srt::net
