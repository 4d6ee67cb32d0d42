#pragma once

#include <cstdint>

namespace srt {

/// Redirects TCP connections of a network namespace to one port of its loopback, whatever address
/// and port they were made to, through `socket`, a NETLINK_NETFILTER socket of that namespace over
/// which the caller has CAP_NET_ADMIN. Those to or from loopback, and those to the sandbox's own
/// address, are left alone. SO_ORIGINAL_DST of an accepted socket tells where its client wanted to
/// go. Returns 0 or an errno; then nothing has changed.
int redirect_connections(int socket, std::uint16_t port);

/// Whether this kernel lets `redirect_connections` do that, found out in a namespace of its own.
bool can_redirect();

}  // namespace srt
