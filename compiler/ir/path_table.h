#pragma once

#include "compiler/ir/policy.h"
#include "runtime/base/result.h"
#include "runtime/bundle/path_table.h"

namespace srt::ir {

/// The policy's rules about files, those that hold on Linux, as automata. Rule numbers are indices
/// into `policy.rules`. An error when the rules need more states than a bundle can hold; then
/// `costliest`, where it is given, is the number of the rule that needs most of them.
Result<PathTable> build_path_table(const Policy& policy, std::size_t* costliest = nullptr);

/// Likewise the rules about the paths of unix sockets, in the place of those about reading.
Result<PathTable> build_socket_table(const Policy& policy, std::size_t* costliest = nullptr);

}  // namespace srt::ir
