#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "runtime/base/result.h"

namespace srt::seccomp {

/// The machines a filter can be built for, all 64-bit and little-endian.
enum class Arch { x86_64, aarch64, riscv64 };

inline constexpr std::array kArchs = {Arch::x86_64, Arch::aarch64, Arch::riscv64};

/// The name as `uname -m` prints it.
std::string_view arch_name(Arch arch);

/// The kernel's name for the calling convention (`AUDIT_ARCH_*` of linux/audit.h), which the kernel
/// gives to filters in `seccomp_data::arch`.
std::uint32_t audit_arch(Arch arch);

/// The architecture of the machine this program was built for; an error when no filter can be
/// built for it.
Result<Arch> build_arch();

}  // namespace srt::seccomp
