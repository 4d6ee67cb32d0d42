#include "runtime/run/update_signals.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace srt {
namespace {

// A signal that is both blocked and ignored still comes out of a signalfd(2); one that comes when
// the launch has ended, and unblocks it, is dropped then and not the end of this process.
void ignore_late_signals() {
  sigset_t pending;
  sigemptyset(&pending);
  sigpending(&pending);
  struct sigaction ignore = {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGUSR2, &ignore, nullptr);
  sigset_t blocked;
  pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
  const bool is_held = sigismember(&blocked, SIGUSR2) == 1;
  // To ignore it has dropped one that was there.
  if (is_held && sigismember(&pending, SIGUSR2) == 1) kill(getpid(), SIGUSR2);
}

}  // namespace

Result<UniqueFd> update_signals() {
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, SIGUSR2);
  ignore_late_signals();
  UniqueFd signals(signalfd(-1, &only, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals) return Error{std::string("cannot watch for new rules: ") + std::strerror(errno)};
  return signals;
}

}  // namespace srt
