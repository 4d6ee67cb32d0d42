#pragma once

#include <span>
#include <string_view>

namespace srt::seccomp {

/// C types of system call arguments, as far as their width matters: the kernel reads `int` and
/// `unsigned int` from the low 32 bits of a register and ignores the rest.
enum class ArgType { kInt, kUnsignedInt, kUnsignedLong, kPointer };

/// The types of the first arguments of a system call whose arguments a rule may judge, from the
/// kernel's `SYSCALL_DEFINE` of it; empty for other calls. Valid for as long as the program.
std::span<const ArgType> argument_types(std::string_view syscall);

}  // namespace srt::seccomp
