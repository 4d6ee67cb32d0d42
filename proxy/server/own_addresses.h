#pragma once

#include "proxy/hosts/address.h"

namespace srt::net {

/// Whether the kernel, as it routes now, keeps a connection to `address` on this host or sends it
/// to everybody on a link: the addresses of interfaces, what a route of type `local` covers,
/// broadcast and anycast addresses. True where the kernel does not say; false where it has no way
/// to the address.
bool leads_to_this_host(const IpAddress& address);

}  // namespace srt::net
