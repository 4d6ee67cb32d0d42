#include "runtime/launch/suspended_clone.h"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstddef>
#include <memory>

namespace srt {
namespace {

constexpr std::size_t kStackBytes = std::size_t{64} << 10;

}  // namespace

int clone_suspended(int (*run)(void*), void* argument, int flags, int* pidfd) {
  const auto stack = std::make_unique_for_overwrite<std::byte[]>(kStackBytes);
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const int pid =
      clone(run, stack.get() + kStackBytes, CLONE_VM | CLONE_VFORK | flags, argument, pidfd);
  const int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return pid;
}

void wait_for_clone(int pid) {
  while (waitpid(pid, nullptr, static_cast<int>(__WCLONE)) < 0 && errno == EINTR) {
  }
}

}  // namespace srt
