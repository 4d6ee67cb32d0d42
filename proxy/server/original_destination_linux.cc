#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <functional>

#include "proxy/server/original_destination.h"

namespace srt::net {

namespace {

// The kernel's headers that have these (linux/netfilter_ipv4.h, linux/netfilter_ipv6/ip6_tables.h)
// do not go with the C library's.
constexpr int kOriginalDestination4 = 80;  // SO_ORIGINAL_DST
constexpr int kOriginalDestination6 = 80;  // IP6T_SO_ORIGINAL_DST

}  // namespace

std::optional<Destination> original_destination(int socket, const Destination& listener) {
  // Fails for connections that were not redirected, or where the kernel cannot redirect.
  const bool v4 = listener.address.is_v4();
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  if (getsockopt(socket, v4 ? SOL_IP : SOL_IPV6, v4 ? kOriginalDestination4 : kOriginalDestination6,
                 &address, &size) == 0) {
    address.ss_family = v4 ? AF_INET : AF_INET6;
    return destination_of(address);
  }
  const bool everywhere = std::ranges::all_of(listener.address.bytes(), std::logical_not<>());
  return everywhere ? bound_address(socket) : listener;
}

}  // namespace srt::net
