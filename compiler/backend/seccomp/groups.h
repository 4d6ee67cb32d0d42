#pragma once

#include <span>
#include <string_view>

namespace srt::seccomp {

/// System calls that go together, under the name that systemd.exec(5) gives them.
struct SyscallGroup {
  std::string_view name;     ///< with its `@`
  std::string_view meaning;  ///< what its calls do, in a few words
  std::span<const std::string_view> syscalls;
};

/// All groups, by name.
std::span<const SyscallGroup> syscall_groups();

/// The group called `name`, or null.
const SyscallGroup* find_group(std::string_view name);

}  // namespace srt::seccomp
