#include "proxy/server/original_destination.h"

namespace srt::net {

// Nothing redirects connections here.
std::optional<Destination> original_destination(int socket, const Destination&) {
  return bound_address(socket);
}

}  // namespace srt::net
