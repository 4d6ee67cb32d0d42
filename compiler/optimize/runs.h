#pragma once

#include <cstddef>
#include <vector>

#include "compiler/ir/policy.h"

namespace srt::optimize {

/// For each rule the number of its run: rules of one operation between which none of another effect
/// stands, and none that differs in being of what exists only. Within a run it does not matter
/// which rule matches last. Runs are told apart whatever the targets, so that rules of one run are
/// of one run on each target.
std::vector<std::size_t> runs_of(const ir::Policy& policy);

/// Whether `a` holds nowhere that `b` does not.
bool holds_within(Targets a, Targets b);

/// Whether all rules about files hold on both targets, so that one is like the other.
bool hold_everywhere(const ir::Policy& policy);

/// Whether nothing but what they match tells the rules apart that a request, a refusal or a backend
/// can see. Where each holds is another question.
bool are_alike(const ir::Rule& a, const ir::Rule& b);

/// The policy without the rules that are marked, and whether any was.
struct Outcome;
Outcome without(ir::Policy policy, const std::vector<bool>& is_dropped);

}  // namespace srt::optimize
