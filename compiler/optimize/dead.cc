#include <algorithm>
#include <map>

#include "compiler/lint/subjects.h"
#include "compiler/optimize/optimize.h"
#include "compiler/optimize/runs.h"

namespace srt::optimize {
namespace {

// Names that nothing is told of when a rule about them decides. A group of system calls is no name,
// and what opens or closes sockets is more than what they are called.
bool is_about_names(const ir::Rule& rule) {
  return rule.operation == Operation::env || rule.operation == Operation::mach;
}

}  // namespace

Outcome dead_rules(ir::Policy policy, Tables& /*tables*/) {
  std::map<Operation, std::vector<std::size_t>> wide;  // later ones that can cover more than a name
  std::vector<bool> is_dropped(policy.rules.size());
  for (std::size_t i = policy.rules.size(); i-- > 0;) {
    const ir::Rule& rule = policy.rules[i];
    if (!is_about_names(rule)) continue;
    std::vector<std::size_t>& later = wide[rule.operation];
    is_dropped[i] = std::any_of(later.begin(), later.end(), [&](std::size_t other) {
      return holds_within(rule.targets, policy.rules[other].targets) &&
             lint::is_covered(rule, policy.rules[other]);
    });
    if (!is_dropped[i] && !rule.names().is_literal()) later.push_back(i);
  }
  return without(std::move(policy), is_dropped);
}

}  // namespace srt::optimize
