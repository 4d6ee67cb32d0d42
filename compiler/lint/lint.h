#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "compiler/diag/diagnostic.h"
#include "compiler/ir/policy.h"
#include "compiler/lint/arrangement.h"
#include "compiler/source/source.h"

/// What is valid in a policy and probably not meant.
namespace srt::lint {

/// What a policy says of one request: the effect, and the number of the rule that decides, none
/// where the default does.
struct Answer {
  Effect effect;
  std::optional<std::uint32_t> rule;
};

/// Asks the policy that is looked at, with these values of its parameters. A request that is none
/// is denied.
using Ask = std::function<Answer(const Arrangement&, Operation, const std::string&)>;

/// One policy as it holds on one target, and all that is known of it.
struct Subject {
  const ir::Policy& policy;  ///< one target's: `ir::select`
  Target target;
  const SourceSet& sources;
  Ask ask;
};

/// Whether the rule was written by a person: in no built-in module, and not brought by another
/// rule.
bool is_written(const Subject& subject, const ir::Rule& rule);

/// All lints: what `srtc lint` reports beside what a compile does. `subjects` are the policy on the
/// targets that are looked at.
void check(std::span<const Subject> subjects, Diagnostics& diagnostics);

/// The lints that every compile runs, since what they find opens what was closed: `reopened-deny`
/// and `overridden-module`.
void check_safety(const ir::Policy& policy, const SourceSet& sources, Diagnostics& diagnostics);

}  // namespace srt::lint
