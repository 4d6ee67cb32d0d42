#pragma once

#include <functional>
#include <map>
#include <vector>

#include "compiler/ir/policy.h"
#include "compiler/verify/sbpl/rules.h"

namespace srt::verify::sbpl {

/// A policy's rules about files as macOS has to enforce them.
struct PolicyRules {
  Rules reads;  ///< what is not allowed here may not be allowed
  Rules writes;
  Rules open_reads;  ///< what is allowed here has to be allowed: not what was reported to be denied
  Rules open_writes;  ///< too, nor what differs from a denied name in case only

  /// Directories that may not be moved, since what is denied below would be denied no more.
  FormulaPtr pins;
  /// Of these, those below which a denied name can be yet to come: nothing may take their place.
  FormulaPtr vacancies;
  /// Nor may what these lie in; each with what lies outside of it.
  std::map<glob::AnchorId, LeafId> pinned_anchors;
  /// What lies strictly above some path that a deny speaks of, or that an allow of reading does.
  FormulaPtr above_denied;
  FormulaPtr above_readable;
};

/// `policy` has the rules for macOS alone. `is_reported` tells of a place in it whether the
/// compiler said that the rule there comes out tighter. Pins are those of `smaller`, a policy that
/// decides alike, from which rules that decide nothing may be missing.
Result<PolicyRules> make_policy_rules(const ir::Policy& policy, const ir::Policy& smaller,
                                      const std::function<bool(const Span&)>& is_reported,
                                      Leaves& leaves);

}  // namespace srt::verify::sbpl
