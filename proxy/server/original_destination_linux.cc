#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <functional>

#include "proxy/server/original_destination.h"

namespace srt::net {

namespace {

// The kernel's headers that have these (linux/netfilter_ipv4.h, linux/netfilter_ipv6/ip6_tables.h)
// do not go with the C library's.
constexpr int kOriginalDestination4 = 80;  // SO_ORIGINAL_DST
constexpr int kOriginalDestination6 = 80;  // IP6T_SO_ORIGINAL_DST

std::optional<Destination> destination_of(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address, sizeof(v4));
    return Destination{IpAddress::v4(ntohl(v4.sin_addr.s_addr)), ntohs(v4.sin_port)};
  }
  if (address.ss_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &address, sizeof(v6));
    const auto found = IpAddress::from_bytes(std::span(v6.sin6_addr.s6_addr));
    return Destination{found->unmapped(), ntohs(v6.sin6_port)};
  }
  return std::nullopt;
}

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

std::optional<Destination> bound_address(int socket) {
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return std::nullopt;
  return destination_of(address);
}

}  // namespace srt::net
