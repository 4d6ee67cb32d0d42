#include <sys/socket.h>

#include "proxy/server/send_before_end.h"

namespace srt::net {

size_t send_before_end(int socket, std::string_view bytes) {
  const ssize_t count = send(socket, bytes.data(), bytes.size(), MSG_DONTWAIT);
  return count > 0 ? static_cast<size_t>(count) : 0;
}

}  // namespace srt::net
