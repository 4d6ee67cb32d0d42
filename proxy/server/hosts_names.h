#pragma once

#include <vector>

#include "proxy/server/original_destination.h"
#include "proxy/server/proxy_state.h"

namespace srt::net {

/// The names that this host's hosts file gives to an address and that the policy allows on the
/// port, in their order.
std::vector<HostName> permitted_names(const ProxyState& state, const Destination& wanted);

}  // namespace srt::net
