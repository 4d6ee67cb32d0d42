#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "compiler/glob/alphabet.h"
#include "compiler/glob/pattern.h"
#include "runtime/base/result.h"

namespace srt::glob {

/// What a state says of the words that end in it: 0 that they are not in the language. A language
/// of paths alone uses 1; a policy's automaton puts its deciding rules there.
using Label = std::uint64_t;

/// A complete deterministic automaton. State 0 is the start.
struct Dfa {
  std::uint32_t symbols = 0;        ///< size of the alphabet
  std::vector<std::uint32_t> next;  ///< next[state * symbols + symbol]
  std::vector<Label> label;         ///< one for each state

  std::uint32_t size() const { return static_cast<std::uint32_t>(label.size()); }
  std::uint32_t step(std::uint32_t state, Alphabet::Symbol symbol) const {
    return next[std::size_t{state} * symbols + symbol];
  }
};

/// The most states any automaton of a compilation may have. A policy of a thousand ordinary globs
/// needs some eleven thousand; bundles index states with 16 bits.
inline constexpr std::uint32_t kMaxStates = 60'000;

/// The most states that one pattern may need before its automaton is minimized. Ordinary ones need
/// some tens; what needs as many as this takes the compiler a third of a second.
inline constexpr std::uint32_t kMaxPatternStates = 8'192;

/// The minimal automaton of a set of paths, labelled 1; an error when a pattern of it would exceed
/// kMaxPatternStates or the whole kMaxStates.
Result<Dfa> compile(const PathSet& set, const Alphabet& alphabet);

/// The minimal automaton in which every word has `combine` of its labels in `a` and `b`.
Result<Dfa> product(const Dfa& a, const Dfa& b, const std::function<Label(Label, Label)>& combine);

/// An automaton in which every word has the greater of its labels in `a` and `b`, up to where one
/// of them has a bit of `final_labels`: whatever follows has that label too. It has few more states
/// than both together, or is minimal.
Result<Dfa> unite(const Dfa& a, const Dfa& b, Label final_labels);

/// The smallest automaton that labels every word as `dfa` does, states in breadth-first order, so
/// that equal languages give equal automata.
Dfa minimize(const Dfa& dfa);

/// The words that spell a canonical path: "" or components, none empty, each after a `/`, no NUL,
/// and marks only where a component ends.
Dfa canonical_paths(const Alphabet& alphabet);

}  // namespace srt::glob
