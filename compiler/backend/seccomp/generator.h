#pragma once

#include <linux/filter.h>

#include <span>
#include <vector>

#include "compiler/backend/seccomp/arch.h"
#include "compiler/backend/seccomp/rules.h"
#include "runtime/base/result.h"

namespace srt::seccomp {

/// The program for `rules` on `arch`. Calls of other architectures end the process; known calls
/// that no rule names are allowed; unknown ones, x32 among them, fail with ENOSYS. An error when a
/// rule names a system call that exists nowhere or that another rule names, judges what cannot be
/// judged, when the program is longer than the kernel takes, or when a call that is allowed
/// whatever its arguments would not be cached by the kernel.
Result<std::vector<sock_filter>> generate(Arch arch, std::span<const Rule> rules);

}  // namespace srt::seccomp
