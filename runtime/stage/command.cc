#include "runtime/stage/command.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/limits.h>
#include <linux/seccomp.h>
#include <linux/stat.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>

#include "runtime/stage/command_search.h"
#include "runtime/stage/guard/caller.h"
#include "runtime/stage/guard/guard.h"
#include "runtime/stage/report.h"
#include "runtime/stage/system_call.h"

namespace srt::stage {
namespace {

/// The kernel's struct sigaction (include/linux/signal_types.h), which is not the C library's.
struct KernelSigaction {
  unsigned long handler;
  unsigned long flags;
  unsigned long restorer;
  std::uint64_t mask;
};

void restore_dispositions(std::uint64_t ignored) {
  for (int number = 1; number <= kSignalCount; ++number) {
    const bool ignore = (ignored >> (number - 1) & 1) != 0;
    const KernelSigaction action = {.handler = static_cast<unsigned long>(
                                        word(reinterpret_cast<void*>(ignore ? SIG_IGN : SIG_DFL))),
                                    .flags = 0,
                                    .restorer = 0,
                                    .mask = 0};
    system_call(SYS_rt_sigaction, number, word(&action), 0, sizeof(action.mask));
  }
}

Candidate probe(const char* path) {
  struct statx status;
  if (system_call(SYS_statx, AT_FDCWD, word(path), 0, STATX_TYPE, word(&status)) != 0) {
    return Candidate::absent;
  }
  const bool executable =
      S_ISREG(status.stx_mode) && system_call(SYS_faccessat, AT_FDCWD, word(path), X_OK) == 0;
  return executable ? Candidate::executable : Candidate::not_executable;
}

StageReport failed(StageFailure failure, long result, std::uint32_t subject = 0) {
  return {.event = StageReport::Event::failed,
          .failure = failure,
          .error = static_cast<std::int32_t>(-result),
          .subject = subject};
}

long set_limit(int resource, std::uint64_t soft, std::uint64_t hard) {
  const struct { std::uint64_t soft, hard; } limit = {soft, hard};
  return system_call(SYS_prlimit64, 0, resource, word(&limit), 0);
}

/// Sets the policy's limits and gives back that of open files, which the launcher raised. Returns
/// why one could not be set.
std::optional<StageReport> set_limits(const StageMessage& message) {
  constexpr auto kFiles = static_cast<std::uint32_t>(Limit::files);
  if (const long result =
          set_limit(RLIMIT_NOFILE, message.open_files_soft, message.open_files_hard);
      result != 0) {
    return failed(StageFailure::limit, result, kFiles);
  }
  for (std::uint32_t i = 0; i < kLimitResources.size(); ++i) {
    const std::uint64_t limit = message.limits[i];
    if (limit == kNoLimit) continue;
    if (const long result = set_limit(kLimitResources[i], limit, limit); result != 0) {
      return failed(StageFailure::limit, result, i);
    }
  }
  return std::nullopt;
}

std::optional<StageReport> install(const void* program) {
  const long result = system_call(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, word(program));
  if (result != 0) return failed(StageFailure::filter, result);
  return std::nullopt;
}

std::optional<StageReport> install_guarded(const void* program, int outcome) {
  if (const long result = guard::give_up_insight(); result != 0) {
    return failed(StageFailure::guard, result);
  }
  const long listener = guard::install_filter(program);
  if (listener < 0) return failed(StageFailure::guard, listener);
  const long sent =
      send_report_to(outcome, {.event = StageReport::Event::guarded}, static_cast<int>(listener));
  if (sent != 0) return failed(StageFailure::guard, sent);
  return std::nullopt;
}

StageReport not_executed(int status, long result) {
  return {.event = StageReport::Event::not_executed,
          .value = status,
          .error = static_cast<std::int32_t>(-result)};
}

}  // namespace

StageReport become_command(const StageMessage& message, long ruleset, int outcome) {
  // The search reads files that the filter may forbid to look at, and so comes first.
  char buffer[PATH_MAX];
  const CommandSearch search =
      find_command(message.command[0], search_path(message.environment), buffer, probe);
  if (search.path == nullptr) {
    return not_executed(search.status, search.status == 127 ? -ENOENT : -EACCES);
  }

  restore_dispositions(message.ignored_signals);
  if (const std::optional<StageReport> failure = set_limits(message)) return *failure;
  if (const long result = system_call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1); result != 0) {
    return failed(StageFailure::privileges, result);
  }
  if (ruleset >= 0) {
    if (const long result = system_call(SYS_landlock_restrict_self, ruleset, 0); result != 0) {
      return failed(StageFailure::scope, result);
    }
  }
  system_call(SYS_rt_sigprocmask, SIG_SETMASK, word(&message.blocked_signals), 0,
              sizeof(message.blocked_signals));

  const struct {
    unsigned short length;
    const std::uint64_t* filter;
  } program = {static_cast<unsigned short>(message.filter.size()), message.filter.data()};
  static_assert(sizeof(program) == sizeof(sock_fprog));
  static_assert(sizeof(std::uint64_t) == sizeof(sock_filter));
  if (const std::optional<StageReport> failure =
          message.guard.empty() ? install(&program) : install_guarded(&program, outcome)) {
    return *failure;
  }
  return not_executed(126, system_call(SYS_execve, word(search.path), word(message.command),
                                       word(message.environment)));
}

}  // namespace srt::stage
