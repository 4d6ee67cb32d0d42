#pragma once

#include <signal.h>

#include <array>
#include <memory>

#include "runtime/base/result.h"
#include "runtime/base/unique_fd.h"

namespace srt {

/// A signal that came.
struct SignalNote {
  int number;
  bool
      from_process;  ///< the kernel says that a process sent it; where it does not, anyone may have
};

/// Takes the process's signals over for the time of a launch and puts everything back at its end.
/// Those that are passed on to the command, and SIGCHLD, become notes in a pipe; the terminal's
/// stop signals are ignored, as this process stops itself when the command has stopped; SIGPIPE
/// too, because the proxy writes to sockets. What was ignored before stays so. One at a time.
class LaunchSignals {
 public:
  static Result<std::unique_ptr<LaunchSignals>> take();
  ~LaunchSignals();
  LaunchSignals(const LaunchSignals&) = delete;
  LaunchSignals& operator=(const LaunchSignals&) = delete;

  /// The end of a pipe, non-blocking, from which notes are read.
  int notes() const { return notes_[0].get(); }

  /// Can be read from when SIGUSR2 has come; non-blocking. To be taken once.
  UniqueFd take_updates() { return std::move(updates_[0]); }

  /// Keeps all signals from coming, around a fork(2).
  void hold() const;
  void release() const;

  /// In the child: as it was before, for the command.
  void give_back() const;

 private:
  // Taken over, in the order of `before_`.
  static constexpr std::array kNoted = {SIGCHLD, SIGINT,  SIGTERM, SIGHUP,
                                        SIGQUIT, SIGUSR1, SIGCONT, SIGUSR2};
  static constexpr std::array kIgnored = {SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE};

  LaunchSignals() = default;

  std::array<UniqueFd, 2> notes_;
  std::array<UniqueFd, 2> updates_;
  std::array<struct sigaction, kNoted.size() + kIgnored.size()> before_ = {};
  sigset_t mask_before_ = {};
};

}  // namespace srt
