#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/backend/seccomp/arch.h"
#include "runtime/base/result.h"

namespace srt::seccomp {

/// The last system call that was looked at when the default rules were written: futex_requeue of
/// Linux 6.7. Later ones are unknown whatever libseccomp knows, so that a new call of the mount
/// interface, say, is not allowed by an upgrade of a library. Numbers from 403 on are the same on
/// all architectures.
inline constexpr std::uint32_t kLastReviewedNumber = 456;

/// The number of `syscall` on `arch`, or nothing where the architecture does not have the call. An
/// error when the call exists nowhere.
Result<std::optional<std::uint32_t>> syscall_number(Arch arch, std::string_view syscall);

/// The name of the system call `number` on `arch`, or nothing when there is none or it is later
/// than `kLastReviewedNumber`.
std::optional<std::string> known_syscall(Arch arch, std::uint32_t number);

/// The names of all known system calls, of every architecture, sorted.
const std::vector<std::string>& known_syscalls();

}  // namespace srt::seccomp
