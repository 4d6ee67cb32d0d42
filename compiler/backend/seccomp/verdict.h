#pragma once

#include <linux/seccomp.h>

#include <compare>
#include <cstdint>

#include "runtime/bundle/guarded_filter.h"

namespace srt::seccomp {

/// What a filter answers for a call.
struct Verdict {
  /// The value that the program returns to the kernel: `SECCOMP_RET_*`, with data in its low half.
  std::uint32_t action;

  friend constexpr auto operator<=>(Verdict, Verdict) = default;
};

inline constexpr Verdict kAllow{SECCOMP_RET_ALLOW};
inline constexpr Verdict kKillProcess{SECCOMP_RET_KILL_PROCESS};

/// The call is handed over to a guard, which performs it or refuses it.
inline constexpr Verdict kGuarded{guarded_filter::kMaking};
/// Likewise, where the guard looks after symbolic links too.
inline constexpr Verdict kGuardedRemoval{guarded_filter::kRemoving};

/// The call is not run and fails with `error`, a number of errno.h.
constexpr Verdict fail_with(int error) {
  return {SECCOMP_RET_ERRNO | (static_cast<std::uint32_t>(error) & SECCOMP_RET_DATA)};
}

}  // namespace srt::seccomp
