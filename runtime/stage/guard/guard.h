#pragma once

#include <linux/seccomp.h>

#include <cstdint>
#include <span>

#include "runtime/stage/guard/act.h"

namespace srt::guard {

/// Answers the calls that the command's filter hands over (SECCOMP_RET_USER_NOTIF): each is judged
/// and then performed by this process, so that nothing that the caller changes between the look and
/// the act matters.
class Guard {
 public:
  /// `room` is for the judge; `listener` is taken over.
  Guard(const Table& table, std::span<std::byte> room, int listener);

  int listener() const { return listener_; }

  /// Answers one call, if one waits. Returns whether a rule refused it; then `refusal` says what
  /// and `thread` whose call it was.
  bool answer(Refusal& refusal, std::uint32_t& thread);

  /// Whether tend() has something to do from time to time.
  bool is_busy() const;
  /// Ends the processes that wait on behalf of callers that are gone.
  void tend();
  /// To be told of every child of this process that has ended.
  void ended(long process);

 private:
  /// A process that waits until a fifo has another end.
  struct Opener {
    long process = 0;
    std::uint64_t notification;
  };

  void answer(const seccomp_notif& call, Refusal& refusal);
  void finish(std::uint64_t notification, long result);
  void finish(std::uint64_t notification, Descriptor opened, std::uint32_t flags);
  void open_apart(const Caller& caller, const Outcome& outcome);
  long take_umask(const Caller& caller);

  Judge judge_;
  int listener_;
  Descriptor own_descriptors_;  // /proc/self/fd
  std::uint32_t umask_ = 0;     // this process's
  bool umasks_differ_ = false;  // some caller has set another one
  Opener openers_[64];
};

/// Installs the command's filter, a struct sock_fprog, in the calling process: the listener for
/// what it hands over, or -errno. Callers wait for their answers uninterrupted but by what kills
/// them: a call that a signal interrupts would be made again when it has been performed already.
long install_filter(const void* program);

}  // namespace srt::guard
