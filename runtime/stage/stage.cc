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
#include "runtime/stage/landlock.h"
#include "runtime/stage/mount_check.h"
#include "runtime/stage/stage_message.h"
#include "runtime/stage/system_call.h"

namespace srt::stage {
namespace {

constexpr int kExitStatus = 125;

/// Sends `report` to the launcher, with descriptor `passed` unless that is negative. A launcher
/// that cannot be reached is dead, which the lifeline tells.
void send_report(const StageReport& report, int passed = -1) {
  iovec part = {.iov_base = const_cast<StageReport*>(&report), .iov_len = sizeof(report)};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr packet = {};
  packet.msg_iov = &part;
  packet.msg_iovlen = 1;
  if (passed >= 0) {
    packet.msg_control = control;
    packet.msg_controllen = sizeof(control);
    cmsghdr* rights = CMSG_FIRSTHDR(&packet);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    *reinterpret_cast<int*>(CMSG_DATA(rights)) = passed;
  }
  system_call(SYS_sendmsg, kControlFd, word(&packet), MSG_NOSIGNAL);
}

void send_failure(StageFailure failure, long result, std::uint32_t subject = 0) {
  send_report({.event = StageReport::Event::failed,
               .failure = failure,
               .error = static_cast<std::int32_t>(-result),
               .subject = subject});
}

/// Waits until one of `watched` has news; false when the launcher is dead. The first must be the
/// lifeline.
bool wait_for_news(std::span<pollfd> watched) {
  for (;;) {
    const long ready =
        system_call(SYS_ppoll, word(watched.data()), static_cast<long>(watched.size()), 0, 0, 0);
    if (ready == -EINTR) continue;
    return ready > 0 && watched[0].revents == 0;
  }
}

bool launcher_is_alive() {
  pollfd lifeline = {.fd = kLifelineFd, .events = 0, .revents = 0};
  const struct { long seconds, nanoseconds; } at_once = {0, 0};
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

/// The command's process and the pipe that tells how its start went: a report when it failed,
/// nothing but the end of file when the command was executed.
struct Child {
  long pid;
  int pidfd;
  int outcome;
};

/// Starts a process that becomes the command. Its pid is negative when that failed.
Child start_command(const StageMessage& message, long ruleset) {
  int outcome[2];
  if (const long result = system_call(SYS_pipe2, word(outcome), O_CLOEXEC); result < 0) {
    return {.pid = result, .pidfd = -1, .outcome = -1};
  }
  int pidfd = -1;
  const long pid = system_call(SYS_clone, CLONE_PIDFD | SIGCHLD, 0, word(&pidfd));
  if (pid == 0) {
    const StageReport report = become_command(message, ruleset);
    system_call(SYS_write, outcome[1], word(&report), sizeof(report));
    for (;;) system_call(SYS_exit_group, kExitStatus);
  }
  system_call(SYS_close, outcome[1]);
  return {.pid = pid, .pidfd = pidfd, .outcome = outcome[0]};
}

/// Reaps whatever has ended and reports what happened to the command `pid`; true when that ended,
/// or nothing can be learnt of it.
bool reap(long pid) {
  for (;;) {
    int status = 0;
    const long reaped = system_call(SYS_wait4, -1, word(&status), WNOHANG | WUNTRACED, 0);
    if (reaped <= 0) return reaped < 0;
    if (reaped != pid) continue;
    if (WIFSTOPPED(status)) {
      send_report({.event = StageReport::Event::stopped, .value = WSTOPSIG(status)});
      continue;
    }
    send_report({.event = StageReport::Event::exited, .value = status});
    return true;
  }
}

/// Looks after the sandbox until the command or the launcher ends.
void supervise(const Child& child, int child_signals) {
  pollfd watched[] = {{.fd = kLifelineFd, .events = 0, .revents = 0},
                      {.fd = child.outcome, .events = POLLIN, .revents = 0},
                      {.fd = child_signals, .events = POLLIN, .revents = 0}};
  while (wait_for_news(watched)) {
    if (watched[1].revents != 0) {
      StageReport report;
      const long size = system_call(SYS_read, child.outcome, word(&report), sizeof(report));
      if (size == sizeof(report)) {
        send_report(report);
        return;
      }
      send_report({.event = StageReport::Event::started}, child.pidfd);
      watched[1].fd = -1;
      continue;  // the command's end must not be reported before its start
    }
    if (watched[2].revents != 0) {
      char discarded[128];  // sizeof(signalfd_siginfo)
      system_call(SYS_read, child_signals, word(discarded), sizeof(discarded));
      if (reap(child.pid)) return;
    }
  }
}

/// Closes what the stage was started with and does not need, and keeps the rest from the command.
void settle_descriptors() {
  system_call(SYS_dup3, kErrorOutputFd, 2, 0);
  system_call(SYS_close_range, kMessageFd, ~0U, 0);
  system_call(SYS_close_range, kLifelineFd, kControlFd, CLOSE_RANGE_CLOEXEC);
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
  const long ruleset = make_ruleset(message->mounts, problem);
  if (problem) {
    send_failure(problem->failure, -problem->error, problem->subject);
    return kExitStatus;
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
  supervise(child, static_cast<int>(child_signals));
  return 0;
}

}  // namespace srt::stage
