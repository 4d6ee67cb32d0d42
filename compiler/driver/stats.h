#pragma once

#include <string>

#include "compiler/ir/policy.h"
#include "compiler/optimize/optimize.h"
#include "runtime/base/result.h"

namespace srt::driver {

/// What a policy comes to as it is written and after each pass of the optimizer, one line each:
/// - its rules, modules included;
/// - states, and bytes in a bundle, of the automata about files and sockets;
/// - filters and bytes of the macOS profile, `-` where there is none;
/// - mounts: places that rules name without a wildcard at which access is another than in the
///   directory above, with directories that nearly every run has, as if everything were there.
/// Equal policies give equal text. The error is that of the optimizer.
Result<std::string> stats(const ir::Policy& policy, const optimize::Switches& passes);

}  // namespace srt::driver
