#pragma once

#include "compiler/compare/compare.h"
#include "compiler/compare/frame.h"

namespace srt::compare {

/// System calls that one policy's filter refuses and the other's does not. On Linux only.
void compare_syscalls(const Frame& frame, Comparison& out);

/// Limits, options, and variables that are set.
void compare_settings(const Frame& frame, Target target, Comparison& out);

}  // namespace srt::compare
