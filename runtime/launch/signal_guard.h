#pragma once

#include <signal.h>

#include <array>
#include <cstdint>

#include "runtime/base/result.h"
#include "runtime/base/unique_fd.h"

namespace srt {

/// The signals that the launcher passes on to the command, SIGCONT only to one that is stopped.
inline constexpr std::array kForwardedSignals = {SIGINT,  SIGTERM, SIGHUP,
                                                 SIGQUIT, SIGUSR1, SIGCONT};

/// Those that the process ignores during a launch: the terminal's stop signals because it stops
/// itself when the command has stopped, SIGPIPE because the proxy writes to sockets.
inline constexpr std::array kIgnoredSignals = {SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE};

/// Those that wait for whoever reads them from a signalfd(2), and are not passed on.
inline constexpr std::array kHeldSignals = {SIGUSR2};

/// Takes the process's signals over for the time of a launch and puts everything back at its end.
/// One at a time, on the main thread.
class SignalGuard {
 public:
  SignalGuard();
  ~SignalGuard();
  SignalGuard(const SignalGuard&) = delete;
  SignalGuard& operator=(const SignalGuard&) = delete;

  /// Bit N-1: signal N was ignored, or blocked, before.
  std::uint64_t ignored_before() const { return ignored_before_; }
  std::uint64_t blocked_before() const { return blocked_before_; }

  /// A signalfd(2) of kForwardedSignals without those that were ignored before.
  Result<UniqueFd> open_signalfd() const;

 private:
  std::uint64_t ignored_before_ = 0;
  std::uint64_t blocked_before_ = 0;
  sigset_t forwarded_;
  sigset_t mask_before_;
  std::array<struct sigaction, kIgnoredSignals.size()> actions_before_;
  struct sigaction child_action_before_;
};

}  // namespace srt
