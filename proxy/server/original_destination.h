#pragma once

#include <sys/socket.h>

#include <optional>

#include "proxy/hosts/address.h"

namespace srt::net {

/// Where a client wanted to go.
struct Destination {
  IpAddress address;
  uint16_t port;

  auto operator<=>(const Destination&) const = default;
};

/// Where the client of a TCP socket, accepted from `listener`, connected to before the kernel
/// redirected it, if it did. Nothing when the socket is no longer connected.
std::optional<Destination> original_destination(int socket, const Destination& listener);

/// An internet address as sockets have it; nothing for those of other families.
std::optional<Destination> destination_of(const sockaddr_storage& address);

/// The address that a socket is bound to.
std::optional<Destination> bound_address(int socket);

}  // namespace srt::net
