#pragma once

#include "compiler/compare/compare.h"
#include "compiler/ir/policy.h"

namespace srt::compare {

/// The last rule of the policy, on a target of the difference, that decides what the difference is
/// about with this effect; nothing where none is found: a default decides, or it is no rule's.
const ir::Rule* rule_behind(const ir::Policy& policy, const Difference& difference, Effect effect);

}  // namespace srt::compare
