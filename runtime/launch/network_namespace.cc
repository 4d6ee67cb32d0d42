#include "runtime/launch/network_namespace.h"

#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "runtime/launch/bind_socket.h"
#include "runtime/launch/suspended_clone.h"

namespace srt {
namespace {

/// What the short-lived child is asked for, in memory that it shares with its suspended parent.
struct SocketRequest {
  int pidfd;
  int family;
  std::uint16_t port;
  int made = -1;
  int error = 0;
};

int make_socket(void* argument) {
  SocketRequest& request = *static_cast<SocketRequest*>(argument);
  if (setns(request.pidfd, CLONE_NEWUSER | CLONE_NEWNET) < 0) {
    request.error = errno;
    _exit(1);
  }
  const int made = socket(request.family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  request.error = made < 0 ? errno : 0;
  if (made >= 0 && request.port != 0) {
    request.error = bind_socket(made, request.family, SOCK_STREAM, false, request.port);
  }
  request.made = made;
  _exit(0);
}

}  // namespace

Result<UniqueFd> make_socket_in(int pidfd, int family, std::uint16_t port) {
  SocketRequest request = {.pidfd = pidfd, .family = family, .port = port};
  // With the table of descriptors in common, what the child makes is here when it is gone.
  const int pid = clone_suspended(make_socket, &request, CLONE_FILES);
  const int error = errno;
  if (pid > 0) wait_for_clone(pid);
  UniqueFd made(request.made);
  if (pid > 0 && request.error == 0) return made;
  return Error{std::string("cannot make a socket inside the sandbox: ") +
               std::strerror(pid < 0 ? error : request.error)};
}

}  // namespace srt
