#pragma once

#include "compiler/ir/policy.h"
#include "compiler/source/source.h"
#include "compiler/verify/path_rules.h"
#include "compiler/verify/report.h"
#include "runtime/bundle/bundle.h"

namespace srt::verify {

/// Holds one of a bundle's tables against the policy's rules, over every path and every arrangement
/// of the directories known at launch. Adds to `out` a shortest path where they decide otherwise,
/// or why it is not known that they decide alike. `optimized` is as of `verify_bundle`.
void check_paths(const ir::Policy& policy, const SourceSet& sources, const Bundle& bundle,
                 TableKind kind, const ir::Policy* optimized, std::vector<Difference>& out);

}  // namespace srt::verify
