#include "runtime/launch/signal_guard.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>

#include "runtime/stage/stage_message.h"

namespace srt {
namespace {

constexpr std::uint64_t bit(int number) { return std::uint64_t{1} << (number - 1); }

struct sigaction action_of(void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  return action;
}

}  // namespace

SignalGuard::SignalGuard() {
  pthread_sigmask(SIG_BLOCK, nullptr, &mask_before_);
  for (int number = 1; number <= kSignalCount; ++number) {
    struct sigaction action;
    if (sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) {
      ignored_before_ |= bit(number);
    }
    if (sigismember(&mask_before_, number) == 1) blocked_before_ |= bit(number);
  }

  // A signal that was ignored stays so: blocked, it would be queued for the signalfd.
  sigemptyset(&forwarded_);
  for (const int number : kForwardedSignals) {
    if ((ignored_before_ & bit(number)) == 0) sigaddset(&forwarded_, number);
  }
  pthread_sigmask(SIG_BLOCK, &forwarded_, nullptr);
  sigset_t held;
  sigemptyset(&held);
  for (const int number : kHeldSignals) {
    if ((ignored_before_ & bit(number)) == 0) sigaddset(&held, number);
  }
  pthread_sigmask(SIG_BLOCK, &held, nullptr);

  const struct sigaction ignore = action_of(SIG_IGN);
  for (std::size_t i = 0; i < kIgnoredSignals.size(); ++i) {
    sigaction(kIgnoredSignals[i], &ignore, &actions_before_[i]);
  }
  // With SIGCHLD ignored there would be nothing to wait for.
  const struct sigaction standard = action_of(SIG_DFL);
  sigaction(SIGCHLD, nullptr, &child_action_before_);
  if (child_action_before_.sa_handler == SIG_IGN) sigaction(SIGCHLD, &standard, nullptr);
}

SignalGuard::~SignalGuard() {
  sigaction(SIGCHLD, &child_action_before_, nullptr);
  for (std::size_t i = 0; i < kIgnoredSignals.size(); ++i) {
    sigaction(kIgnoredSignals[i], &actions_before_[i], nullptr);
  }
  pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

Result<UniqueFd> SignalGuard::open_signalfd() const {
  UniqueFd fd(signalfd(-1, &forwarded_, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return Error{std::string("cannot watch for signals: ") + std::strerror(errno)};
  return fd;
}

}  // namespace srt
