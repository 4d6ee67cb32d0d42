#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "compiler/verify/sbpl/formula.h"
#include "compiler/verify/sbpl/letters.h"

namespace srt::verify::sbpl {

/// Some letters of a proof.
class LetterSet {
 public:
  void add(std::size_t letter) { words_[letter / 64] |= std::uint64_t{1} << letter % 64; }
  bool contains(std::size_t letter) const { return (words_[letter / 64] >> letter % 64 & 1U) != 0; }
  void add(const LetterSet& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
  }
  template <typename F>
  void for_each(F&& visit) const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      for (std::uint64_t word = words_[i]; word != 0; word &= word - 1) {
        visit(i * 64 + static_cast<std::size_t>(__builtin_ctzll(word)));
      }
    }
  }

 private:
  std::array<std::uint64_t, Letters::kMax / 64> words_{};
};

/// What one of several automata matches, as an automaton that is made where it is looked at. A
/// state holds those of the automata that can still match, and no more where one of them matches
/// whatever follows, so that states do not multiply.
class Bag {
 public:
  /// `is_folded`: also what differs from a match in the case of letters, as volumes of macOS read
  /// names.
  struct Item {
    LeafId leaf;
    bool is_folded;

    friend auto operator<=>(const Item&, const Item&) = default;
  };
  /// Of a state: whether nothing that follows matches, or everything does.
  enum class Fixed : std::uint8_t { open, never, always };
  using State = std::uint32_t;

  Bag(std::vector<Item> items, const Leaves& leaves, const Letters& letters);

  State start() const { return 0; }
  State step(State state, std::size_t letter) {
    if (states_[state].next.empty()) expand(state);
    return states_[state].next[letter];
  }
  /// The bytes that lead elsewhere than the plain one, and the marks that lead anywhere.
  const LetterSet& telling(State state) {
    if (states_[state].next.empty()) expand(state);
    return states_[state].telling;
  }
  bool accepts(State state, bool is_root) const {
    return is_root ? states_[state].accepts_root : states_[state].accepts;
  }
  Fixed fixed(State state) const { return states_[state].fixed; }

 private:
  // An automaton's state; `begun` counts the bytes of a character that folds to a letter.
  struct Thread {
    std::uint32_t item;
    std::uint32_t state;
    std::uint8_t begun;

    friend auto operator<=>(const Thread&, const Thread&) = default;
  };
  using Threads = std::vector<Thread>;
  struct Entry {
    Threads threads;
    bool accepts = false;
    bool accepts_root = false;
    Fixed fixed = Fixed::open;
    std::vector<State> next = {};
    LetterSet telling = {};
  };

  void expand(State state);
  Threads step_all(const Threads& from, Letter letter) const;
  void step_folded(const Thread& thread, unsigned char byte, Threads& out) const;
  State number(Threads threads);

  std::vector<Item> items_;
  const Leaves& leaves_;
  const Letters& letters_;
  std::map<Threads, State> numbers_;
  std::vector<Entry> states_;
};

}  // namespace srt::verify::sbpl
