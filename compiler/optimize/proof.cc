#include "compiler/optimize/proof.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "compiler/compare/compare.h"
#include "compiler/glob/dfa.h"
#include "compiler/optimize/runs.h"

namespace srt::optimize {
namespace {

using glob::Dfa;

bool is_about_files(const ir::Rule& rule) { return is_file_operation(rule.operation); }

// The rules about files alone, or those about all else.
ir::Policy part(ir::Policy policy, bool files) {
  std::erase_if(policy.rules, [&](const ir::Rule& rule) { return is_about_files(rule) != files; });
  return policy;
}

bool same_rules(const ir::Policy& a, const ir::Policy& b) {
  return std::equal(a.rules.begin(), a.rules.end(), b.rules.begin(), b.rules.end(),
                    [](const ir::Rule& x, const ir::Rule& y) {
                      return x.effect == y.effect && x.operation == y.operation &&
                             x.subject == y.subject && x.existing == y.existing &&
                             x.targets == y.targets && x.publish == y.publish &&
                             x.any_tls_name == y.any_tls_name;
                    });
}

// For each byte a class that neither table takes apart, and a byte of each class.
struct Classes {
  Classes(const PathTable& a, const PathTable& b) {
    std::map<std::pair<std::uint8_t, std::uint8_t>, bool> seen;
    for (std::size_t byte = 0; byte < a.classes.size(); ++byte) {
      if (!seen.try_emplace({a.classes[byte], b.classes[byte]}, true).second) continue;
      representatives.push_back(static_cast<unsigned char>(byte));
    }
  }

  std::vector<unsigned char> representatives;
};

// The words that a lane matches, as the minimal automaton: equal for equal sets.
Dfa matched(const PathTable& table, const PathTable::Lane& lane, const Classes& classes) {
  Dfa out;
  out.symbols = static_cast<std::uint32_t>(classes.representatives.size()) + table.mark_count;
  const std::size_t stride = std::size_t{table.class_count} + table.mark_count;
  for (std::size_t state = 0; state < lane.rule.size(); ++state) {
    const std::size_t row = state * stride;
    for (const unsigned char byte : classes.representatives) {
      out.next.push_back(lane.next[row + table.classes[byte]]);
    }
    for (std::uint32_t mark = 0; mark < table.mark_count; ++mark) {
      out.next.push_back(lane.next[row + table.class_count + mark]);
    }
    out.label.push_back(lane.rule[state] == PathTable::kNoRule ? 0 : 1);
  }
  return glob::minimize(out);
}

// Of those the words that spell a path, since no other is ever read: components, none empty, each
// after a `/`, and marks only where one ends.
Dfa paths_of(const Dfa& matched, const Classes& classes) {
  enum Place : std::uint32_t { root, after_slash, in_name, after_mark, nowhere, count };
  const auto bytes = static_cast<std::uint32_t>(classes.representatives.size());
  const auto follow = [&](std::uint32_t place, std::uint32_t symbol) -> std::uint32_t {
    if (place == nowhere) return nowhere;
    if (symbol >= bytes) return place == after_slash ? nowhere : place == root ? root : after_mark;
    const unsigned char byte = classes.representatives[symbol];
    if (byte == 0) return nowhere;
    if (byte == '/') return place == after_slash ? nowhere : after_slash;
    return place == root || place == after_mark ? nowhere : in_name;
  };
  Dfa out;
  out.symbols = matched.symbols;
  for (std::uint32_t state = 0; state < matched.size(); ++state) {
    for (std::uint32_t place = root; place < count; ++place) {
      for (std::uint32_t symbol = 0; symbol < matched.symbols; ++symbol) {
        out.next.push_back(matched.step(state, symbol) * count + follow(place, symbol));
      }
      out.label.push_back(place == after_slash || place == nowhere ? 0 : matched.label[state]);
    }
  }
  return glob::minimize(out);
}

bool are_equal(const Dfa& a, const Dfa& b) { return a.next == b.next && a.label == b.label; }

bool is_empty(const PathTable::Lane& lane) {
  return std::all_of(lane.rule.begin(), lane.rule.end(),
                     [](std::uint32_t rule) { return rule == PathTable::kNoRule; });
}

// The lanes that can say something else than the default: of each operation the last ones may not,
// nor does one that matches nothing.
std::vector<const PathTable::Lane*> telling(const PathTable& table) {
  std::vector<const PathTable::Lane*> out;
  std::array<bool, 2> is_below{};
  for (auto lane = table.lanes.rbegin(); lane != table.lanes.rend(); ++lane) {
    if (is_empty(*lane)) continue;
    const auto operation = static_cast<std::size_t>(lane->operation);
    is_below[operation] = is_below[operation] || lane->effect != table.defaults[operation];
    if (is_below[operation]) out.push_back(&*lane);
  }
  return out;
}

bool match_alike(const PathTable& a, const PathTable& b) {
  if (a.mark_count != b.mark_count || a.defaults != b.defaults) return false;
  const Classes classes(a, b);
  const auto of_a = telling(a);
  const auto of_b = telling(b);
  return std::equal(of_a.begin(), of_a.end(), of_b.begin(), of_b.end(),
                    [&](const PathTable::Lane* x, const PathTable::Lane* y) {
                      if (x->operation != y->operation || x->effect != y->effect) return false;
                      const Dfa left = matched(a, *x, classes);
                      const Dfa right = matched(b, *y, classes);
                      return are_equal(left, right) ||
                             are_equal(paths_of(left, classes), paths_of(right, classes));
                    });
}

Proof prove_files(const ir::Policy& before, const ir::Policy& after, Target target,
                  Tables& tables) {
  const Result<PathTable>& old_table = tables.of(before, target);
  const Result<PathTable>& new_table = tables.of(after, target);
  if (!old_table || !new_table) return Proof::unknown;
  return match_alike(*old_table, *new_table) ? Proof::same : Proof::different;
}

}  // namespace

Proof prove(const ir::Policy& before, const ir::Policy& after, Tables& tables) {
  if (!same_rules(part(before, true), part(after, true))) {
    const bool are_targets_alike = hold_everywhere(before) && hold_everywhere(after);
    for (const Target target : kTargets) {
      if (are_targets_alike && target == Target::macos) continue;
      const Proof proof = prove_files(before, after, target, tables);
      if (proof != Proof::same) return proof;
    }
  }
  const ir::Policy old_rest = part(before, false);
  const ir::Policy new_rest = part(after, false);
  if (same_rules(old_rest, new_rest)) return Proof::same;
  const compare::Comparison found = compare::compare(old_rest, new_rest, Targets::all());
  if (found.relation() == compare::Relation::equal) return Proof::same;
  return found.differences.empty() ? Proof::unknown : Proof::different;
}

}  // namespace srt::optimize
