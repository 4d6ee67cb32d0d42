#include "runtime/launch/network_namespace.h"

#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>

#include "runtime/launch/bind_socket.h"

namespace srt {
namespace {

constexpr std::size_t kStackBytes = std::size_t{16} << 10;

/// What the short-lived child is asked for, in memory that it shares with its suspended parent.
struct Request {
  int pidfd;
  int family;
  std::uint16_t port;
  int made = -1;
  int error = 0;
};

int run_child(void* argument) {
  Request& request = *static_cast<Request*>(argument);
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
  Request request = {.pidfd = pidfd, .family = family, .port = port};
  const auto stack = std::make_unique_for_overwrite<std::byte[]>(kStackBytes);
  // No handler may run in the child, whose memory is ours.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  // With the table of descriptors in common, what the child makes is here when it is gone. It has
  // no exit signal: nobody but us waits for it.
  const int pid =
      clone(run_child, stack.get() + kStackBytes, CLONE_VM | CLONE_VFORK | CLONE_FILES, &request);
  const int error = errno;
  if (pid > 0) {
    while (waitpid(pid, nullptr, static_cast<int>(__WCLONE)) < 0 && errno == EINTR) {
    }
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  UniqueFd made(request.made);
  if (pid > 0 && request.error == 0) return made;
  return Error{std::string("cannot make a socket inside the sandbox: ") +
               std::strerror(pid < 0 ? error : request.error)};
}

}  // namespace srt
