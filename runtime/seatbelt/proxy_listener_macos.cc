#include "runtime/seatbelt/proxy_listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace srt {
namespace {

// A free port for IPv4 may be taken for IPv6.
constexpr int kTries = 16;

// Sets errno when it fails.
UniqueFd listen_on(const sockaddr* address, socklen_t size) {
  UniqueFd listener(socket(address->sa_family, SOCK_STREAM, 0));
  const bool listens = listener && fcntl(listener.get(), F_SETFD, FD_CLOEXEC) == 0 &&
                       bind(listener.get(), address, size) == 0 &&
                       listen(listener.get(), SOMAXCONN) == 0;
  return listens ? std::move(listener) : UniqueFd();
}

UniqueFd listen_on_v4(std::uint16_t& port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  UniqueFd listener = listen_on(generic, sizeof(address));
  socklen_t size = sizeof(address);
  if (!listener || getsockname(listener.get(), generic, &size) != 0) return {};
  port = ntohs(address.sin_port);
  return listener;
}

UniqueFd listen_on_v6(std::uint16_t port) {
  sockaddr_in6 address = {};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  address.sin6_addr = IN6ADDR_LOOPBACK_INIT;
  return listen_on(reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

}  // namespace

Result<ProxyListener> listen_for_command() {
  for (int i = 0; i < kTries; ++i) {
    ProxyListener made = {};
    made.sockets.push_back(listen_on_v4(made.port));
    if (!made.sockets.front()) break;
    UniqueFd second = listen_on_v6(made.port);
    const bool without_v6 = !second && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL);
    if (second) made.sockets.push_back(std::move(second));
    if (made.sockets.size() == 2 || without_v6) return made;
    if (errno != EADDRINUSE) break;
  }
  return Error{std::string("the proxy cannot listen on this host's loopback: ") +
               std::strerror(errno)};
}

}  // namespace srt
