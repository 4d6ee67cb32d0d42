#include <fcntl.h>
#include <linux/un.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "runtime/stage/guard/act.h"

namespace srt::guard {

using stage::system_call;
using stage::word;

/// Binds the caller's socket. Which family it is of cannot be told without it, and what the address
/// says could be changed after a look; so every address is copied and used here.
long Act::bind(const Request& request) {
  alignas(sockaddr_un) char bytes[sizeof(sockaddr_storage)] = {};
  const auto size = static_cast<std::int32_t>(request.flags);
  if (size < 0 || static_cast<std::size_t>(size) > sizeof(bytes)) return -EINVAL;
  const auto length = static_cast<std::size_t>(size);
  const Descriptor socket = caller_.share(request.socket);
  if (!socket) return socket.error();
  int family = AF_UNSPEC;
  int family_size = sizeof(family);
  if (const long result = system_call(SYS_getsockopt, socket.get(), SOL_SOCKET, SO_DOMAIN,
                                      word(&family), word(&family_size));
      result != 0) {
    return result;
  }
  if (length > 0) {
    if (const long result = caller_.read_bytes(request.path, bytes, length); result != 0) {
      return result;
    }
  }
  auto& address = *reinterpret_cast<sockaddr_un*>(bytes);
  constexpr std::size_t kPathAt = offsetof(sockaddr_un, sun_path);
  const bool has_path = family == AF_UNIX && address.sun_family == AF_UNIX && length > kPathAt &&
                        length <= sizeof(sockaddr_un) && address.sun_path[0] != '\0';
  if (!has_path) {
    if (!caller_.is_waiting()) return -EINTR;
    return system_call(SYS_bind, socket.get(), word(bytes), size);
  }

  // The text ends with a zero byte or with the address (unix(7)).
  PathText path;
  std::size_t end = 0;
  while (kPathAt + end < length && address.sun_path[end] != '\0') ++end;
  path += std::string_view(address.sun_path, end);
  Descriptor base;
  if (!path.view().starts_with('/')) {
    base = caller_.base(AT_FDCWD);
    if (!base) return base.error();
  }
  Place place;
  if (const long result = resolve_parent(caller_, std::move(base), path, place); result != 0) {
    return result;
  }
  if (!caller_.is_waiting()) return -EINTR;
  if (const long denied = judge(place); denied != 0) {
    std::uint16_t mode;
    std::uint32_t device;
    if (look(place, mode, device) != 0) return denied;
    refusal_.rule = kNoRule;
    return -EADDRINUSE;
  }
  if (place.name.size() > end) return -EINVAL;
  // There is no bind(2) from a directory but the working one. This process has no use for its own.
  if (const long result = system_call(SYS_fchdir, place.directory.get()); result != 0) {
    return result;
  }
  sockaddr_un own = {};
  own.sun_family = AF_UNIX;
  for (std::size_t i = 0; i < place.name.size(); ++i) own.sun_path[i] = place.name.view()[i];
  const long result = system_call(SYS_bind, socket.get(), word(&own),
                                  static_cast<long>(kPathAt + place.name.size()));
  system_call(SYS_chdir, word("/"));
  return result;
}

}  // namespace srt::guard
