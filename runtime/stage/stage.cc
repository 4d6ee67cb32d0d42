#include "runtime/stage/stage.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdint>
#include <optional>
#include <span>

#include "runtime/stage/command.h"
#include "runtime/stage/guard/guard.h"
#include "runtime/stage/landlock.h"
#include "runtime/stage/mount_check.h"
#include "runtime/stage/report.h"
#include "runtime/stage/stage_message.h"
#include "runtime/stage/system_call.h"

namespace srt::stage {
namespace {

constexpr int kExitStatus = 125;

/// As the kernel takes them (struct timespec).
struct Duration {
  long seconds = 0;
  long nanoseconds = 0;
};

/// Waits until one of `watched` has news or that much time has passed; false when the launcher is
/// dead. The first must be the lifeline.
bool wait_for_news(std::span<pollfd> watched, const Duration* at_most = nullptr) {
  for (;;) {
    Duration left = at_most != nullptr ? *at_most : Duration{};
    const long ready =
        system_call(SYS_ppoll, word(watched.data()), static_cast<long>(watched.size()),
                    at_most != nullptr ? word(&left) : 0, 0, 0);
    if (ready == -EINTR) continue;
    return ready >= 0 && watched[0].revents == 0;
  }
}

bool launcher_is_alive() {
  pollfd lifeline = {.fd = kLifelineFd, .events = 0, .revents = 0};
  const Duration at_once;
  return system_call(SYS_ppoll, word(&lifeline), 1, word(&at_once), 0, 0) == 0;
}

std::span<std::byte> map(std::size_t size, int flags, int fd) {
  const long address = system_call(SYS_mmap, 0, static_cast<long>(size), PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | flags, fd, 0);
  if (address < 0 && address > -4096) return {};
  return {reinterpret_cast<std::byte*>(address), size};
}

/// Reads the launcher's message. Its memory is never given back: the stage needs it to the end.
std::optional<StageMessage> read_message() {
  const long size = system_call(SYS_lseek, kMessageFd, 0, SEEK_END);
  if (size <= 0) return std::nullopt;
  const std::span<std::byte> bytes = map(static_cast<std::size_t>(size), 0, kMessageFd);
  const std::size_t needed = stage_message_room(bytes);
  if (needed == 0) return std::nullopt;
  return decode_stage_message(bytes, map(needed, MAP_ANONYMOUS, -1));
}

/// The command's process and the socket that tells how its start went: a report that brings the
/// listener of a guarded command, one when something failed, nothing but the end of the stream when
/// the command was executed.
struct Child {
  long pid;
  int pidfd;
  int outcome;
};

/// Starts a process that becomes the command. Its pid is negative when that failed.
Child start_command(const StageMessage& message, long ruleset) {
  int outcome[2];
  if (const long result =
          system_call(SYS_socketpair, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, word(outcome));
      result < 0) {
    return {.pid = result, .pidfd = -1, .outcome = -1};
  }
  int pidfd = -1;
  const long pid = system_call(SYS_clone, CLONE_PIDFD | SIGCHLD, 0, word(&pidfd));
  if (pid == 0) {
    send_report_to(outcome[1], become_command(message, ruleset, outcome[1]), -1);
    for (;;) system_call(SYS_exit_group, kExitStatus);
  }
  system_call(SYS_close, outcome[1]);
  return {.pid = pid, .pidfd = pidfd, .outcome = outcome[0]};
}

/// Looks after the sandbox until the command or the launcher ends.
class Supervision {
 public:
  Supervision(const StageMessage& message, const Child& child, int child_signals)
      : message_(message),
        child_(child),
        watched_{{.fd = kLifelineFd, .events = 0, .revents = 0},
                 {.fd = child.outcome, .events = POLLIN, .revents = 0},
                 {.fd = child_signals, .events = POLLIN, .revents = 0},
                 {.fd = -1, .events = POLLIN, .revents = 0}} {}

  void run() {
    constexpr Duration kTend = {.seconds = 1};
    for (;;) {
      const bool busy = guard_ && guard_->is_busy();
      if (!wait_for_news(watched_, busy ? &kTend : nullptr)) return;
      if (busy) guard_->tend();
      if (watched_[1].revents != 0) {
        if (!follow_start()) return;
        continue;  // the command's end must not be reported before its start
      }
      if (watched_[2].revents != 0) {
        char discarded[128];  // sizeof(signalfd_siginfo)
        system_call(SYS_read, watched_[2].fd, word(discarded), sizeof(discarded));
        if (reap()) return;
      }
      if ((watched_[3].revents & POLLIN) != 0) {
        answer();
      } else if (watched_[3].revents != 0) {
        watched_[3].fd = -1;  // nobody is left under the filter
      }
    }
  }

 private:
  /// False when the command did not start, which is reported.
  bool follow_start() {
    StageReport report;
    int passed;
    const long size = receive_report_from(child_.outcome, report, passed);
    if (size == sizeof(report) && report.event == StageReport::Event::guarded) {
      return start_guard(passed);
    }
    if (size == sizeof(report)) {
      send_report(report);
      return false;
    }
    send_report({.event = StageReport::Event::started}, child_.pidfd);
    watched_[1].fd = -1;
    return true;
  }

  bool start_guard(int listener) {
    table_ = guard::decode_table(message_.guard,
                                 map(guard::table_room(message_.guard), MAP_ANONYMOUS, -1));
    const std::span<std::byte> room =
        table_ ? map(guard::Judge::room(*table_), MAP_ANONYMOUS, -1) : std::span<std::byte>();
    if (room.empty() || listener < 0) {
      send_failure(StageFailure::guard, -EINVAL);
      return false;
    }
    guard_.emplace(*table_, room, listener);
    watched_[3].fd = listener;
    return true;
  }

  void answer() {
    std::uint32_t thread;
    if (!guard_->answer(refusal_, thread)) return;
    const std::string_view texts[] = {refusal_.path.view(), refusal_.program.view()};
    send_report({.event = StageReport::Event::refused,
                 .value = static_cast<std::int32_t>(thread),
                 .subject = refusal_.rule},
                texts);
  }

  /// Reaps whatever has ended and reports what happened to the command; true when that ended, or
  /// nothing can be learnt of it.
  bool reap() {
    for (;;) {
      int status = 0;
      const long reaped = system_call(SYS_wait4, -1, word(&status), WNOHANG | WUNTRACED, 0);
      if (reaped <= 0) return reaped < 0;
      if (reaped != child_.pid) {
        if (guard_ && !WIFSTOPPED(status)) guard_->ended(reaped);
        continue;
      }
      if (WIFSTOPPED(status)) {
        send_report({.event = StageReport::Event::stopped, .value = WSTOPSIG(status)});
        continue;
      }
      send_report({.event = StageReport::Event::exited, .value = status});
      return true;
    }
  }

  const StageMessage& message_;
  const Child& child_;
  pollfd watched_[4];
  std::optional<guard::Table> table_;
  std::optional<guard::Guard> guard_;
  guard::Refusal refusal_;
};

/// Closes what the stage was started with and does not need, and keeps the rest from the command.
void settle_descriptors() {
  system_call(SYS_dup3, kErrorOutputFd, 2, 0);
  system_call(SYS_close_range, kMessageFd, ~0U, 0);
  system_call(SYS_close_range, kLifelineFd, kControlFd, CLOSE_RANGE_CLOEXEC);
}

/// The guard makes names for the command, and so is under the same Landlock rules.
std::optional<StageReport> confine_guard(long ruleset) {
  const auto failed = [](StageFailure failure, long result) {
    return StageReport{.event = StageReport::Event::failed,
                       .failure = failure,
                       .error = static_cast<std::int32_t>(-result)};
  };
  if (const long result = guard::hide_insight(); result != 0) {
    return failed(StageFailure::guard, result);
  }
  if (const long result = system_call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1); result != 0) {
    return failed(StageFailure::privileges, result);
  }
  if (ruleset < 0) return std::nullopt;
  if (const long result = system_call(SYS_landlock_restrict_self, ruleset, 0); result != 0) {
    return failed(StageFailure::scope, result);
  }
  return std::nullopt;
}

bool may_start() {
  pollfd watched[] = {{.fd = kLifelineFd, .events = 0, .revents = 0},
                      {.fd = kControlFd, .events = POLLIN, .revents = 0}};
  char go;
  return wait_for_news(watched) &&
         system_call(SYS_read, kControlFd, word(&go), sizeof(go)) == sizeof(go);
}

}  // namespace

int run_stage() {
  // A command that names /proc/self/exe gets here: it is confined, and nobody listens.
  if (system_call(SYS_getpid) != 1 || !launcher_is_alive()) return kExitStatus;
  // The command has the same user and must not trace process 1 or read its memory.
  system_call(SYS_prctl, PR_SET_DUMPABLE, 0);
  system_call(SYS_prctl, PR_SET_NAME, word("srt-stage"));

  const std::optional<StageMessage> message = read_message();
  settle_descriptors();
  if (!message) {
    send_failure(StageFailure::message_damaged, 0);
    return kExitStatus;
  }
  if (const std::optional<MountProblem> problem = check_mounts(message->mounts)) {
    send_failure(problem->failure, -problem->error, problem->subject);
    return kExitStatus;
  }
  if (message->private_tmp[0] != '\0') {
    const long result = system_call(SYS_mkdirat, AT_FDCWD, word(message->private_tmp), 0700);
    if (result != 0) {
      send_failure(StageFailure::private_tmp, result);
      return kExitStatus;
    }
  }

  std::optional<MountProblem> problem;
  long ruleset = make_ruleset(message->mounts, problem);
  if (problem) {
    send_failure(problem->failure, -problem->error, problem->subject);
    return kExitStatus;
  }
  if (!message->guard.empty()) {
    if (const std::optional<StageReport> failure = confine_guard(ruleset)) {
      send_report(*failure);
      return kExitStatus;
    }
    ruleset = -1;  // inherited
  }

  const std::uint64_t child_signal = std::uint64_t{1} << (SIGCHLD - 1);
  system_call(SYS_rt_sigprocmask, SIG_BLOCK, word(&child_signal), 0, sizeof(child_signal));
  const long child_signals =
      system_call(SYS_signalfd4, -1, word(&child_signal), sizeof(child_signal), O_CLOEXEC);
  if (!may_start()) return kExitStatus;
  const Child child = start_command(*message, ruleset);
  if (child.pid < 0 || child_signals < 0) {
    send_failure(StageFailure::process, child.pid < 0 ? child.pid : child_signals);
    return kExitStatus;
  }
  Supervision(*message, child, static_cast<int>(child_signals)).run();
  return 0;
}

}  // namespace srt::stage
