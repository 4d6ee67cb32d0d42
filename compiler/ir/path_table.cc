#include "compiler/ir/path_table.h"

#include <algorithm>
#include <numeric>

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

// Fills in what holds for all paths that go on from a state, by carrying what differs backwards
// along the transitions until nothing changes.
void add_outlook(PathTable& table) {
  const std::size_t states = table.state_count();
  const std::size_t symbols = std::size_t{table.class_count} + table.mark_count;
  std::vector<std::vector<PathTable::State>> before(states);
  for (std::size_t state = 0; state < states; ++state) {
    for (std::size_t c = 0; c < table.class_count; ++c) {
      const PathTable::State to = table.next[state * symbols + c];
      std::vector<PathTable::State>& from = before[to];
      if (c != table.classes[0] && to != state && (from.empty() || from.back() != state)) {
        from.push_back(static_cast<PathTable::State>(state));
      }
    }
  }
  table.lowest = table.access;
  table.highest = table.access;
  table.constant.assign(states, 1);
  std::vector<PathTable::State> work(states);
  std::iota(work.begin(), work.end(), PathTable::State{0});
  while (!work.empty()) {
    const PathTable::State to = work.back();
    work.pop_back();
    for (const PathTable::State from : before[to]) {
      const Access lowest = std::min(table.lowest[from], table.lowest[to]);
      const Access highest = std::max(table.highest[from], table.highest[to]);
      const std::uint8_t constant =
          table.constant[from] != 0 && table.constant[to] != 0 && table.same_rules(from, to) ? 1
                                                                                             : 0;
      if (lowest == table.lowest[from] && highest == table.highest[from] &&
          constant == table.constant[from]) {
        continue;
      }
      table.lowest[from] = lowest;
      table.highest[from] = highest;
      table.constant[from] = constant;
      work.push_back(from);
    }
  }
}

}  // namespace

Result<PathTable> build_path_table(const Policy& policy) {
  std::vector<const glob::PathSet*> sets;
  for (const Rule& rule : policy.rules) {
    if (rule.operation != Operation::connect) sets.push_back(&rule.paths());
  }
  const glob::Alphabet alphabet(sets, policy.anchors.size());

  // Begins with the automaton in which no rule matches anything.
  std::vector<Dfa> automata = {
      Dfa{alphabet.size(), std::vector<std::uint32_t>(alphabet.size(), 0), {0}}};
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
  add_outlook(table);
  return table;
}

}  // namespace srt::ir
