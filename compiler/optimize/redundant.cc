#include <algorithm>
#include <map>
#include <set>

#include "compiler/backend/moves.h"
#include "compiler/lint/subjects.h"
#include "compiler/optimize/optimize.h"
#include "compiler/optimize/runs.h"
#include "compiler/optimize/tables.h"

namespace srt::optimize {
namespace {

// Takes out of `is_needless` what `target` needs. Of a rule that no state names, all that it
// matches others of its lane match too, for all values of the parameters: without it the lane is
// the same automaton, and names the same rules.
void spare_needed(const ir::Policy& policy, Tables& tables, Target target,
                  std::vector<bool>& is_needless) {
  const Result<PathTable>& table = tables.of(policy, target);
  if (!table) {
    is_needless.assign(is_needless.size(), false);
    return;
  }
  const std::vector<std::size_t> runs = runs_of(policy);
  std::set<std::size_t> kept;
  for (const PathTable::Lane& lane : table->lanes) {
    for (const std::uint32_t rule : lane.rule) {
      if (rule == PathTable::kNoRule) continue;
      is_needless[rule] = false;
      kept.insert(runs[rule]);
    }
  }
  // Without any of its rules a run would be gone, and those beside it would become one.
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (policy.rules[i].targets.has(target) && !kept.contains(runs[i])) is_needless[i] = false;
  }
}

// On macOS a directory can be moved out of reach of some denies, not of those that they cover.
void spare_pinned(const ir::Policy& policy, std::vector<bool>& is_needless) {
  const std::vector<std::size_t> runs = runs_of(policy);
  std::set<std::size_t> with_lost;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (is_lost_when_moved(policy.rules[i])) with_lost.insert(runs[i]);
  }
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (with_lost.contains(runs[i])) is_needless[i] = false;
  }
}

void mark_files(const ir::Policy& policy, Tables& tables, std::vector<bool>& is_needless) {
  for (std::size_t i = 0; i < policy.rules.size(); ++i) {
    is_needless[i] = is_file_operation(policy.rules[i].operation);
  }
  spare_needed(policy, tables, Target::linux, is_needless);
  if (!hold_everywhere(policy)) spare_needed(policy, tables, Target::macos, is_needless);
  spare_pinned(policy, is_needless);
}

bool is_name_or_beneath(const net::HostPattern& pattern) {
  const auto* name = std::get_if<net::HostName>(&pattern.hosts);
  const auto* names = std::get_if<net::Subdomains>(&pattern.hosts);
  return (name != nullptr && !name->is_localhost()) ||
         (names != nullptr && !names->parent.is_localhost());
}

// Whether the launch and the proxy make the same of both but for the hosts. Ports are served and
// captured rule by rule, addresses are told apart from names.
bool can_stand_for(const ir::Rule& other, const ir::Rule& rule) {
  return other.hosts().ports == rule.hosts().ports && is_name_or_beneath(rule.hosts()) &&
         is_name_or_beneath(other.hosts());
}

// Nobody is told which rule let something through or kept it from the environment, so that any of
// the run will do. A refused host is told: only a rule that is never named goes.
bool is_needless(const ir::Rule& rule, std::size_t at, const ir::Rule& other, std::size_t beside) {
  if (!are_alike(rule, other) || !holds_within(rule.targets, other.targets)) return false;
  if (rule.operation != Operation::connect) return lint::is_covered(rule, other);
  if (rule.effect == Effect::deny && beside < at) return false;
  return can_stand_for(other, rule) && lint::is_covered(rule, other);
}

void mark_others(const ir::Policy& policy, std::vector<bool>& out) {
  const std::vector<std::size_t> runs = runs_of(policy);
  std::map<std::size_t, std::vector<std::size_t>> wide;  // by run: what can cover another rule
  const auto is_asked = [&](const ir::Rule& rule) {
    return rule.operation == Operation::env || rule.operation == Operation::mach ||
           (rule.operation == Operation::connect && !rule.has_parameters());
  };
  for (std::size_t i = 0; i < policy.rules.size(); ++i) {
    const ir::Rule& rule = policy.rules[i];
    if (!is_asked(rule)) continue;
    const bool is_wide = rule.has_names()
                             ? !rule.names().is_literal()
                             : std::holds_alternative<net::Subdomains>(rule.hosts().hosts);
    if (is_wide) wide[runs[i]].push_back(i);
  }
  for (std::size_t i = 0; i < policy.rules.size(); ++i) {
    const ir::Rule& rule = policy.rules[i];
    if (!is_asked(rule)) continue;
    const std::vector<std::size_t>& others = wide[runs[i]];
    out[i] = std::any_of(others.begin(), others.end(), [&](std::size_t other) {
      return other != i && !out[other] && is_needless(rule, i, policy.rules[other], other);
    });
  }
}

}  // namespace

Outcome redundant_rules(ir::Policy policy, Tables& tables) {
  std::vector<bool> is_dropped(policy.rules.size());
  mark_files(policy, tables, is_dropped);
  mark_others(policy, is_dropped);
  return without(std::move(policy), is_dropped);
}

}  // namespace srt::optimize
