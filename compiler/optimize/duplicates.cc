#include <algorithm>
#include <string>
#include <unordered_map>

#include "compiler/optimize/optimize.h"
#include "compiler/optimize/runs.h"

namespace srt::optimize {

// The earlier of two goes: where both match, a refusal names the later one.
Outcome duplicates(ir::Policy policy, Tables& /*tables*/) {
  const std::vector<std::size_t> runs = runs_of(policy);
  std::unordered_map<std::string, std::vector<std::size_t>> later;
  std::vector<bool> is_dropped(policy.rules.size());
  for (std::size_t i = policy.rules.size(); i-- > 0;) {
    const ir::Rule& rule = policy.rules[i];
    // The paths and the names of sockets are ranked by their numbers.
    if (rule.operation == Operation::unix) continue;
    std::vector<std::size_t>& alike = later[ir::spell(policy, rule)];
    is_dropped[i] = std::any_of(alike.begin(), alike.end(), [&](std::size_t other) {
      const ir::Rule& said_again = policy.rules[other];
      return runs[other] == runs[i] && said_again.subject == rule.subject &&
             are_alike(said_again, rule) && holds_within(rule.targets, said_again.targets);
    });
    if (!is_dropped[i]) alike.push_back(i);
  }
  return without(std::move(policy), is_dropped);
}

}  // namespace srt::optimize
