#include "compiler/optimize/tables.h"

#include <algorithm>
#include <array>
#include <utility>

namespace srt::optimize {
namespace {

// Whether both give the same automata, by the same numbers. A rule that is about something else
// counts by its place alone.
bool are_alike(const std::vector<ir::Rule>& a, const std::vector<ir::Rule>& b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(), [](const ir::Rule& x, const ir::Rule& y) {
        const bool is_other = !is_file_operation(x.operation);
        if (is_other) return !is_file_operation(y.operation);
        return x.operation == y.operation && x.effect == y.effect && x.existing == y.existing &&
               x.targets.linux == y.targets.linux && x.subject == y.subject;
      });
}

}  // namespace

const Result<PathTable>& Tables::of(const ir::Policy& policy, Target target) {
  ir::Policy there = policy;
  for (ir::Rule& rule : there.rules) rule.targets.linux = rule.targets.has(target);
  const std::array<Effect, 2> defaults = {policy.default_of(Operation::read),
                                          policy.default_of(Operation::write)};
  for (const Entry& entry : known_) {
    if (entry.defaults == defaults && are_alike(entry.rules, there.rules)) return entry.table;
  }
  Result<PathTable> table = ir::build_path_table(there);
  return known_.emplace_back(Entry{std::move(there.rules), defaults, std::move(table)}).table;
}

}  // namespace srt::optimize
