#pragma once

#include "compiler/ir/policy.h"
#include "runtime/base/result.h"
#include "runtime/bundle/path_table.h"

namespace srt::ir {

/// The policy's path rules as automata. Rule numbers are indices into `policy.rules`. An error when
/// the rules need more states than a bundle can hold.
Result<PathTable> build_path_table(const Policy& policy);

}  // namespace srt::ir
