#pragma once

#include <linux/filter.h>

#include <span>
#include <string>
#include <vector>

#include "compiler/backend/seccomp/arch.h"
#include "compiler/backend/seccomp/rules.h"
#include "compiler/verify/report.h"
#include "runtime/base/result.h"

namespace srt::verify {

/// The instructions of a raw `.bpf` file. An error when its size is none of a program.
Result<std::vector<sock_filter>> read_filter(std::string_view bytes);

/// Holds `program` for `arch` against `rules`, over every call that there can be: every
/// architecture, number and argument. Adds to `differences` one for each system call at most.
void check_filter(std::span<const sock_filter> program, seccomp::Arch arch,
                  std::span<const seccomp::Rule> rules, std::vector<Difference>& differences);

}  // namespace srt::verify
