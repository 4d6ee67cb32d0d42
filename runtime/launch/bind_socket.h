#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>

namespace srt {

/// Binds a socket of `family`, IPv4 or IPv6 and that alone, to `port` of the loopback address or of
/// every address; one of a kind that can then listens. Returns 0 or an errno. Allocates nothing: a
/// child that shares its parent's memory can use it.
inline int bind_socket(int made, int family, int kind, bool loopback, std::uint16_t port) {
  constexpr int kBacklog = 4096;  // net.core.somaxconn caps it
  sockaddr_storage address = {};
  address.ss_family = static_cast<sa_family_t>(family);
  socklen_t size = sizeof(sockaddr_in);
  if (family == AF_INET) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(address);
    v4.sin_port = htons(port);
    v4.sin_addr.s_addr = htonl(loopback ? INADDR_LOOPBACK : INADDR_ANY);
  } else {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(address);
    v6.sin6_port = htons(port);
    if (loopback) v6.sin6_addr = IN6ADDR_LOOPBACK_INIT;
    size = sizeof(sockaddr_in6);
    const int one = 1;
    setsockopt(made, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
  }
  if (kind == SOCK_STREAM) {
    // Whoever connects is on this machine too. What the machine uses towards others may pace what
    // it sends (BBR), which takes a third of the bandwidth here; Reno is in every kernel.
    constexpr char kReno[] = "reno";
    setsockopt(made, IPPROTO_TCP, TCP_CONGESTION, kReno, sizeof(kReno) - 1);
  }
  if (bind(made, reinterpret_cast<const sockaddr*>(&address), size) < 0) return errno;
  return kind == SOCK_STREAM && listen(made, kBacklog) < 0 ? errno : 0;
}

}  // namespace srt
