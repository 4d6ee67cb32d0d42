#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <span>

#include "compiler/backend/seccomp/arch.h"

namespace srt::seccomp {

/// Whether the kernel (5.11 and later) would find that `program` allows the call `number` of `arch`
/// whatever its arguments, and so not run the program for it again: the way to the allow reads
/// nothing but number and architecture. The rules are those of `seccomp_is_const_allow` in
/// kernel/seccomp.c. Programs that the kernel refuses are not told apart.
bool is_const_allow(std::span<const sock_filter> program, Arch arch, std::uint32_t number);

}  // namespace srt::seccomp
