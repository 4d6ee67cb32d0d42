#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/glob/dfa.h"
#include "compiler/ir/policy.h"
#include "runtime/base/result.h"
#include "runtime/bundle/bundle.h"

/// A policy's path rules and the table of a bundle, side by side.
namespace srt::verify {

/// The rules that a table is about.
enum class TableKind : std::uint8_t { files, sockets };

/// A byte of a path, or the place in it where a directory known at launch ends: its name is an
/// index in `PathSides::marks`.
struct Letter {
  std::uint32_t value;
  bool is_mark;
};
using Word = std::vector<Letter>;

/// Where a word stands between the words that spell a canonical path.
enum class Spelling : std::uint8_t { root, slash, component, broken };
Spelling step(Spelling from, Letter letter);
constexpr bool is_path(Spelling at) { return at == Spelling::root || at == Spelling::component; }

/// A rule of the policy with its own automaton.
struct PathRule {
  std::size_t index;  ///< in the policy
  std::size_t place;  ///< in a table: 0 for reading, or connecting to a socket, 1 for writing
  Effect effect;
  bool existing;
  glob::Alphabet alphabet;
  glob::Dfa dfa;
  std::vector<bool> live;  ///< of a state: whether some path that goes on from it matches

  bool matches(std::uint32_t state) const { return dfa.label[state] != 0; }
};

/// A directory that patterns of either side start from.
struct Mark {
  std::string spelling;
  std::optional<glob::AnchorId> policy;  ///< its number there, where it has one
  std::optional<std::uint32_t> table;
};

class PathSides {
 public:
  /// An error where a rule needs too large an automaton, or the table is no table for the rules.
  static Result<PathSides> make(const ir::Policy& policy, const Bundle& bundle, TableKind kind);

  const ir::Policy& policy() const { return *policy_; }
  const PathTable& table() const { return *table_; }
  const std::vector<PathRule>& rules() const { return rules_; }  ///< as in the policy
  const std::vector<Mark>& marks() const { return marks_; }
  /// The bundle's rule behind a label of the table.
  const Bundle::Rule& labelled(std::uint32_t label) const { return bundle_->rules[label]; }
  /// The place that a rule of this operation has in the table; none for one that is not in it.
  std::optional<std::size_t> place_of(Operation operation) const;
  Operation operation_at(std::size_t place) const;

  /// Automata stay where they are at the mark of a directory that they do not know.
  std::uint32_t step(const PathRule& rule, std::uint32_t state, Letter letter) const;
  PathTable::State step(const PathTable::Lane& lane, PathTable::State state, Letter letter) const;

  /// One letter for each byte, but NUL, that the table or one of `rules` tells apart, the one that
  /// looks best in a path; then all marks.
  std::vector<Letter> letters(const std::vector<const PathRule*>& rules) const;

  /// What each side decides, and by which rule: an index in the policy, or in the bundle.
  struct Ruling {
    std::optional<std::size_t> rule;
    Effect effect;
  };
  /// `state_of(i)` is where the automaton of rule, or lane, i has come to. Of names that appear
  /// during the run (`later`) denies of what exists do not speak.
  template <typename F>
  Ruling of_policy(std::size_t place, bool later, F&& state_of) const;
  template <typename F>
  Ruling of_table(std::size_t place, bool later, F&& state_of) const;

  /// The path, and the directories that it needs.
  std::string spell(const Word& word) const;

 private:
  const ir::Policy* policy_ = nullptr;
  const Bundle* bundle_ = nullptr;
  const PathTable* table_ = nullptr;
  TableKind kind_ = TableKind::files;
  std::vector<PathRule> rules_;
  std::vector<Mark> marks_;
};

template <typename F>
PathSides::Ruling PathSides::of_policy(std::size_t place, bool later, F&& state_of) const {
  for (std::size_t i = rules_.size(); i-- > 0;) {
    const PathRule& rule = rules_[i];
    if (rule.place != place || (later && rule.existing)) continue;
    if (rule.matches(state_of(i))) return {rule.index, rule.effect};
  }
  return {std::nullopt, policy_->default_of(operation_at(place))};
}

template <typename F>
PathSides::Ruling PathSides::of_table(std::size_t place, bool later, F&& state_of) const {
  for (std::size_t i = 0; i < table_->lanes.size(); ++i) {
    const PathTable::Lane& lane = table_->lanes[i];
    if (static_cast<std::size_t>(lane.operation) != place) continue;
    const std::uint32_t label = lane.rule[state_of(i)];
    if (label == PathTable::kNoRule || (later && labelled(label).existing)) continue;
    return {label, lane.effect};
  }
  return {std::nullopt, table_->defaults[place]};
}

/// What the sides make of a path that one of them decides otherwise about.
struct PathDifference {
  std::size_t place;
  PathSides::Ruling policy;
  PathSides::Ruling table;
  bool later;  ///< only of what appears during the run
};

/// Where the automata have come to these states: the first place at which the access that the sides
/// give differs, nothing where none does. What cannot be read cannot be written either.
std::optional<PathDifference> find_difference(const PathSides& sides,
                                              const std::vector<std::uint32_t>& rules,
                                              const PathTable::Position& lanes);
/// Likewise at the end of a word.
std::optional<PathDifference> find_difference(const PathSides& sides, const Word& word);

}  // namespace srt::verify
