#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <functional>
#include <span>

#include "compiler/verify/words.h"
#include "runtime/base/result.h"

namespace srt::verify {

/// The calls that take one way through a program, and what the kernel is told at its end.
struct ProgramPath {
  NumberSet archs = NumberSet::all();  ///< `AUDIT_ARCH_*`
  NumberSet numbers = NumberSet::all();
  Arguments arguments{};
  std::uint32_t action = 0;  ///< `SECCOMP_RET_*` with its data
};

/// Runs a seccomp program along every way that some call can take: the paths are disjoint, and
/// every call is in one. `visit` returns whether to go on. An error names an instruction that
/// cannot be followed: no seccomp program that srt makes has one, and what it does is not known
/// then.
Status for_each_path(std::span<const sock_filter> program,
                     const std::function<bool(const ProgramPath&)>& visit);

}  // namespace srt::verify
