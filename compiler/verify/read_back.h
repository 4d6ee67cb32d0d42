#pragma once

#include <vector>

#include "compiler/ir/policy.h"
#include "compiler/source/source.h"
#include "compiler/verify/report.h"
#include "runtime/bundle/bundle.h"

namespace srt::verify {

/// Holds all of a bundle that is no table and no program against the policy: rules about hosts,
/// ports, names and sockets, defaults, variables, limits, options, parameters. `optimized` is as of
/// `verify_bundle`.
void check_rules(const ir::Policy& policy, const SourceSet& sources, const Bundle& bundle,
                 const ir::Policy* optimized, std::vector<Difference>& out);

}  // namespace srt::verify
