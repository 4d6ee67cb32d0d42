#include <sys/socket.h>

#include "proxy/server/send_before_end.h"

namespace srt::net {

size_t send_before_end(int socket, std::string_view bytes) {
  // The kernel keeps them until the end of the connection (send(2)).
  const ssize_t count =
      send(socket, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE);
  return count > 0 ? static_cast<size_t>(count) : 0;
}

}  // namespace srt::net
