#include "compiler/ir/path_table.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <tuple>

#include "compiler/glob/dfa.h"
#include "compiler/glob/predecessors.h"

namespace srt::ir {
namespace {

using glob::Dfa;
using glob::Label;

// Labels are rule numbers counted from 1, with a bit for a rule that matches whatever follows.
constexpr Label kForGood = Label{1} << 32;
std::uint32_t rule_of(Label label) { return static_cast<std::uint32_t>(label) - 1; }
static_assert(PathTable::kNoRule == std::uint32_t{0} - 1);

// Rules that share a lane. Groups of one operation are numbered in the order of their rules.
struct LaneKey {
  Operation operation;
  std::size_t group;
  // Rules from different anchors, and plain paths and globs, are kept apart: in one automaton their
  // states would multiply.
  std::set<glob::AnchorId> anchors;
  bool plain;

  auto operator<=>(const LaneKey&) const = default;
};

void add_anchor(std::set<glob::AnchorId>& anchors, const glob::PathPattern& pattern) {
  if (pattern.anchor) anchors.insert(*pattern.anchor);
}

LaneKey key_of(const Rule& rule, std::size_t group) {
  const glob::PathSet& paths = rule.paths();
  LaneKey key{rule.operation, group, {}, paths.pattern.is_plain()};
  add_anchor(key.anchors, paths.pattern);
  for (const glob::PathPattern& except : paths.except) add_anchor(key.anchors, except);
  if (paths.within) add_anchor(key.anchors, *paths.within);
  return key;
}

// Whether a rule about sockets' names, which is in no lane, stands between two about their paths:
// the later of the path's rule and the name's decides, so their lane has to tell them apart.
bool has_name_rule_between(const Policy& policy, std::size_t first, std::size_t last) {
  const auto begin = policy.rules.begin();
  return std::any_of(
      begin + static_cast<std::ptrdiff_t>(first), begin + static_cast<std::ptrdiff_t>(last),
      [](const Rule& rule) { return rule.operation == Operation::unix && !rule.has_paths(); });
}

std::map<LaneKey, std::vector<std::size_t>> rules_by_lane(const Policy& policy,
                                                          const std::vector<std::size_t>& rules) {
  struct Run {
    std::size_t group = 0;
    std::optional<std::pair<Effect, bool>> kind;
    std::size_t last = 0;
  };
  std::array<Run, 2> runs;
  std::map<LaneKey, std::vector<std::size_t>> lanes;
  for (const std::size_t i : rules) {
    const Rule& rule = policy.rules[i];
    Run& run = runs[rule.operation == Operation::write ? 1 : 0];
    const std::pair kind(rule.effect, rule.existing);
    const bool is_interrupted =
        rule.operation == Operation::unix && has_name_rule_between(policy, run.last, i);
    if (run.kind != kind || is_interrupted) {
      run.kind = kind;
      ++run.group;
    }
    run.last = i;
    lanes[key_of(rule, run.group)].push_back(i);
  }
  return lanes;
}

// For each state, whether a labelled state, or one without label, can be reached by bytes alone.
struct Reach {
  std::vector<bool> labelled;
  std::vector<bool> bare;
};

Reach reach(const Dfa& dfa, const glob::Alphabet& alphabet) {
  const glob::Alphabet::Symbol nul = alphabet.byte(0);  // no path holds it
  const glob::Predecessors before(dfa, [&](glob::Alphabet::Symbol symbol) {
    return symbol < alphabet.class_count() && symbol != nul;
  });
  const auto leads_to = [&](bool wanted) {
    return before.lead_to([&](std::uint32_t state) { return (dfa.label[state] != 0) == wanted; });
  };
  return {leads_to(true), leads_to(false)};
}

// The minimal automaton of one rule, labelled with its number, and where it matches for good with
// kForGood too: that is a state which nothing leaves.
Dfa labelled(Dfa dfa, std::size_t rule) {
  for (std::uint32_t state = 0; state < dfa.size(); ++state) {
    if (dfa.label[state] == 0) continue;
    const auto row =
        dfa.next.begin() + static_cast<std::ptrdiff_t>(std::size_t{state} * dfa.symbols);
    const bool is_left =
        std::any_of(row, row + dfa.symbols, [&](std::uint32_t to) { return to != state; });
    dfa.label[state] = (rule + 1) | (is_left ? 0 : kForGood);
  }
  return dfa;
}

// Balanced union, minimal wherever states multiply, which keeps what is built on the way near the
// size of the result. Where several rules match, one that matches for good, else the last. States
// in which one matches for good stay as they are: which of the lane's rules matches further down
// decides nothing.
Result<Dfa> unite(std::span<Dfa> automata) {
  if (automata.size() == 1) return std::move(automata[0]);
  const std::size_t half = automata.size() / 2;
  const Result<Dfa> left = unite(automata.first(half));
  if (!left) return left;
  const Result<Dfa> right = unite(automata.subspan(half));
  if (!right) return right;
  return glob::unite(*left, *right, kForGood);
}

// `own` is the alphabet of the automaton, `all` that of the table.
PathTable::Lane to_lane(const Dfa& dfa, const glob::Alphabet& own, const glob::Alphabet& all,
                        const Rule& rule) {
  const Operation place = rule.operation == Operation::write ? Operation::write : Operation::read;
  PathTable::Lane lane{place, rule.effect, {}, {}, {}};
  const std::vector<glob::Alphabet::Symbol> symbols = all.symbols_in(own);
  lane.next.reserve(std::size_t{dfa.size()} * symbols.size());
  for (std::uint32_t state = 0; state < dfa.size(); ++state) {
    for (const glob::Alphabet::Symbol symbol : symbols) {
      lane.next.push_back(static_cast<PathTable::State>(dfa.step(state, symbol)));
    }
  }
  const Reach reaches = reach(dfa, own);
  for (std::uint32_t state = 0; state < dfa.size(); ++state) {
    lane.rule.push_back(rule_of(dfa.label[state]));
    lane.outlook.push_back(!reaches.labelled[state] ? PathTable::Outlook::never
                           : !reaches.bare[state]   ? PathTable::Outlook::always
                                                    : PathTable::Outlook::open);
  }
  return lane;
}

// `rules` are numbers of rules whose subject is paths. `costliest` is as in the header.
Result<PathTable> build(const Policy& policy, const std::vector<std::size_t>& rules,
                        std::size_t* costliest) {
  std::vector<const glob::PathSet*> sets;
  for (const std::size_t i : rules) sets.push_back(&policy.rules[i].paths());
  const glob::Alphabet alphabet(sets, policy.anchors.size());

  PathTable table;
  table.classes = alphabet.classes();
  table.class_count = alphabet.class_count();
  table.mark_count = alphabet.mark_count();
  const std::map<LaneKey, std::vector<std::size_t>> lanes = rules_by_lane(policy, rules);
  // The groups of the last rules first.
  for (auto entry = lanes.rbegin(); entry != lanes.rend(); ++entry) {
    // What begins alike meets first, while the automata are small.
    std::vector<std::size_t> in_lane = entry->second;
    std::ranges::stable_sort(in_lane, {}, [&](std::size_t i) {
      return glob::first_literal(policy.rules[i].paths().pattern);
    });
    // The fewer symbols, the less there is to do: most lanes tell few bytes apart.
    std::vector<const glob::PathSet*> own_sets;
    for (const std::size_t i : in_lane) own_sets.push_back(&policy.rules[i].paths());
    const glob::Alphabet own(own_sets, policy.anchors.size());
    std::vector<Dfa> automata;
    std::size_t largest = 0;
    const auto too_complex = [&](const Error& error, std::string_view which) {
      if (costliest != nullptr) *costliest = in_lane[largest];
      return Error{error.message + std::string(which) + policy.rules[in_lane[largest]].text + "`",
                   error.help};
    };
    for (std::size_t i = 0; i < in_lane.size(); ++i) {
      Result<Dfa> dfa = glob::compile(policy.rules[in_lane[i]].paths(), own);
      if (!dfa) {
        largest = i;
        return too_complex(dfa.error(), ": `");
      }
      automata.push_back(labelled(std::move(*dfa), in_lane[i]));
      if (automata[i].size() > automata[largest].size()) largest = i;
    }
    const Result<Dfa> all = unite(automata);
    if (!all) return too_complex(all.error(), ", most of them `");
    table.lanes.push_back(
        to_lane(glob::minimize(*all), own, alphabet, policy.rules[in_lane.front()]));
  }
  return table;
}

template <typename Wanted>
std::vector<std::size_t> rules_that(const Policy& policy, Wanted&& wanted) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < policy.rules.size(); ++i) {
    if (policy.rules[i].targets.linux && wanted(policy.rules[i])) out.push_back(i);
  }
  return out;
}

}  // namespace

Result<PathTable> build_path_table(const Policy& policy, std::size_t* costliest) {
  const std::vector<std::size_t> rules =
      rules_that(policy, [](const Rule& rule) { return is_file_operation(rule.operation); });
  Result<PathTable> table = build(policy, rules, costliest);
  if (table) {
    table->defaults = {policy.default_of(Operation::read), policy.default_of(Operation::write)};
  }
  return table;
}

Result<PathTable> build_socket_table(const Policy& policy, std::size_t* costliest) {
  const std::vector<std::size_t> rules = rules_that(policy, [](const Rule& rule) {
    return rule.operation == Operation::unix && rule.has_paths();
  });
  Result<PathTable> table = build(policy, rules, costliest);
  if (table) table->defaults = {policy.default_of(Operation::unix), Effect::deny};
  return table;
}

}  // namespace srt::ir
