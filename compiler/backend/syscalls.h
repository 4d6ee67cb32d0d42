#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/backend/seccomp/rules.h"
#include "compiler/diag/diagnostic.h"
#include "compiler/ir/policy.h"

namespace srt {

/// What a `syscall` rule comes to on Linux, of the calls that it decides about.
struct SyscallEffect {
  std::vector<std::string> opened;  ///< what the sandbox keeps closed otherwise
  std::vector<std::string> closed;  ///< of an allow: what stays closed all the same
};
SyscallEffect syscall_effect(const ir::Rule& rule);

/// Whether the sandbox refuses a system call where no rule speaks of it.
bool is_closed_by_itself(const std::string& syscall);

/// Whether some rule opens a system call that the sandbox refuses by itself, and no later one
/// closes it again.
bool opens_syscall(const ir::Policy& policy, std::string_view syscall);

/// The filter that a policy asks for on Linux: the last rule that speaks of a system call decides
/// about it. Names and groups that do not exist change nothing; `check_syscalls` tells of them.
seccomp::FilterOptions filter_options(const ir::Policy& policy);

/// Reports, of the rules that hold on Linux: system calls and groups that do not exist, what leaves
/// no way to start a command, and what opens the sandbox.
void check_syscalls(const ir::Policy& policy, Diagnostics& diagnostics);

/// Whether unix sockets can be made on Linux, where they cannot be told apart: some rule allows all
/// of them, and no deny follows.
bool allows_unix_sockets(const ir::Policy& policy);

}  // namespace srt
