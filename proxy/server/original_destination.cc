#include "proxy/server/original_destination.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

namespace srt::net {

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

std::optional<Destination> bound_address(int socket) {
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return std::nullopt;
  return destination_of(address);
}

}  // namespace srt::net
