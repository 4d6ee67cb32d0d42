#include "runtime/run/publish.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace srt {
namespace {

// Sets errno when it fails.
UniqueFd listen_on(const sockaddr* address, socklen_t size) {
  UniqueFd listener(socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int one = 1;
  if (!listener) return {};
  // What the last run's clients have left behind does not keep the next from starting.
  setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
  if (bind(listener.get(), address, size) < 0 || listen(listener.get(), SOMAXCONN) < 0) return {};
  return listener;
}

}  // namespace

Result<std::vector<PublishedListener>> listen_on_host(std::span<const std::uint16_t> ports) {
  std::vector<PublishedListener> listeners;
  for (const std::uint16_t port : ports) {
    sockaddr_in v4 = {};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    UniqueFd first = listen_on(reinterpret_cast<sockaddr*>(&v4), sizeof(v4));
    int error = first ? 0 : errno;
    sockaddr_in6 v6 = {};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    v6.sin6_addr = IN6ADDR_LOOPBACK_INIT;
    UniqueFd second = listen_on(reinterpret_cast<sockaddr*>(&v6), sizeof(v6));
    const bool without_v6 = errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL;
    if (error == 0 && !second && !without_v6) error = errno;
    if (error != 0) {
      return Error{"cannot publish port " + std::to_string(port) + ": " + std::strerror(error),
                   error == EADDRINUSE ? "end the program of this machine that listens on it"
                                       : "publish a port that you may listen on"};
    }
    listeners.push_back({port, std::move(first)});
    if (second) listeners.push_back({port, std::move(second)});
  }
  return listeners;
}

}  // namespace srt
