#include "compiler/ir/path_table.h"

#include <algorithm>

#include "compiler/glob/dfa.h"

namespace srt::ir {
namespace {

using glob::Dfa;
using glob::Label;

// A label holds the last matching rule of each operation, counted from 1; 0 is none. Rules are
// ordered, so the last of two is the greater.
Label label_of(Operation operation, std::size_t rule) {
  const Label number = rule + 1;
  return operation == Operation::read ? number << 32 : number;
}

std::uint32_t read_rule(Label label) { return static_cast<std::uint32_t>(label >> 32) - 1; }
std::uint32_t write_rule(Label label) { return static_cast<std::uint32_t>(label) - 1; }
static_assert(PathTable::kNoRule == std::uint32_t{0} - 1);

Label last_of_both(Label a, Label b) {
  constexpr Label kLow = UINT32_MAX;
  return std::max(a & ~kLow, b & ~kLow) | std::max(a & kLow, b & kLow);
}

// Balanced union: automata of neighbouring rules meet first and are minimal at every level, which
// keeps what is built on the way near the size of the result.
Result<Dfa> unite(std::span<Dfa> automata) {
  if (automata.size() == 1) return std::move(automata[0]);
  const std::size_t half = automata.size() / 2;
  const Result<Dfa> left = unite(automata.first(half));
  if (!left) return left;
  const Result<Dfa> right = unite(automata.subspan(half));
  if (!right) return right;
  return glob::product(*left, *right, last_of_both);
}

Access access_of(const Policy& policy, Label label) {
  const auto effect = [&](std::uint32_t rule, Operation operation) {
    return rule == PathTable::kNoRule ? policy.default_of(operation) : policy.rules[rule].effect;
  };
  if (effect(read_rule(label), Operation::read) == Effect::deny) return Access::none;
  return effect(write_rule(label), Operation::write) == Effect::deny ? Access::read : Access::write;
}

// A state is not settled when some byte leads from it to other access or to a state that is not
// settled itself: found backwards from the states where access changes.
std::vector<std::uint8_t> settled_states(const PathTable& table) {
  const std::size_t states = table.state_count();
  const std::size_t symbols = std::size_t{table.class_count} + table.mark_count;
  std::vector<std::vector<PathTable::State>> before(states);
  std::vector<std::uint8_t> settled(states, 1);
  std::vector<PathTable::State> work;
  for (std::size_t state = 0; state < states; ++state) {
    for (std::size_t c = 0; c < table.class_count; ++c) {
      if (c == table.classes[0]) continue;
      const PathTable::State to = table.next[state * symbols + c];
      before[to].push_back(static_cast<PathTable::State>(state));
      if (table.access[to] == table.access[state] || settled[state] == 0) continue;
      settled[state] = 0;
      work.push_back(static_cast<PathTable::State>(state));
    }
  }
  while (!work.empty()) {
    const PathTable::State state = work.back();
    work.pop_back();
    for (const PathTable::State from : before[state]) {
      if (settled[from] == 0) continue;
      settled[from] = 0;
      work.push_back(from);
    }
  }
  return settled;
}

}  // namespace

Result<PathTable> build_path_table(const Policy& policy) {
  std::vector<const glob::PathSet*> sets;
  for (const Rule& rule : policy.rules) {
    if (rule.operation != Operation::connect) sets.push_back(&rule.paths());
  }
  const glob::Alphabet alphabet(sets, policy.anchors.size());

  std::vector<Dfa> automata = {glob::canonical_paths(alphabet)};
  std::fill(automata[0].label.begin(), automata[0].label.end(), 0);
  automata[0] = glob::minimize(automata[0]);
  for (std::size_t i = 0; i < policy.rules.size(); ++i) {
    const Rule& rule = policy.rules[i];
    if (rule.operation == Operation::connect) continue;
    Result<Dfa> dfa = glob::compile(rule.paths(), alphabet);
    if (!dfa) return Error{dfa.error().message + ": `" + rule.text + "`", dfa.error().help};
    for (Label& label : dfa->label) {
      if (label != 0) label = label_of(rule.operation, i);
    }
    automata.push_back(std::move(*dfa));
  }
  const Result<Dfa> all = unite(automata);
  if (!all) return all.error();

  PathTable table;
  table.classes = alphabet.classes();
  table.class_count = alphabet.class_count();
  table.mark_count = alphabet.mark_count();
  table.next.assign(all->next.begin(), all->next.end());
  for (const Label label : all->label) {
    table.read_rule.push_back(read_rule(label));
    table.write_rule.push_back(write_rule(label));
    table.access.push_back(access_of(policy, label));
  }
  table.settled = settled_states(table);
  return table;
}

}  // namespace srt::ir
