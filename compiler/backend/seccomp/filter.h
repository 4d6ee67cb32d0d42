#pragma once

#include <linux/filter.h>

#include <span>
#include <string>
#include <vector>

#include "compiler/backend/seccomp/arch.h"
#include "compiler/backend/seccomp/rules.h"
#include "runtime/base/result.h"

namespace srt::seccomp {

/// The program that confines a command's system calls on `arch`, to be installed right before the
/// command is executed. The same every time with one libseccomp. An error means a defect here or a
/// libseccomp that is too old.
Result<std::vector<sock_filter>> build_filter(Arch arch, const FilterOptions& options);

/// `program` as text, one numbered instruction a line, in the same form every time. Instructions
/// that `build_filter` does not use are shown by their numbers.
std::string disassemble(std::span<const sock_filter> program);

}  // namespace srt::seccomp
