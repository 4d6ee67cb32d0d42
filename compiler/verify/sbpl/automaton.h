#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "compiler/glob/dfa.h"
#include "compiler/verify/path_rules.h"

/// Sets of paths as automata over bytes and the marks of directories known at launch. They read
/// words in which marks stand where components end, and stay where they are at marks of others.
namespace srt::verify::sbpl {

class Automaton {
 public:
  /// Columns of `dfa` are the classes of bytes, then one for each of `marks`. Labels have bit 0
  /// where a path that ends here is in the set, bit 1 where the root directory is when the word
  /// that spells it has no byte.
  Automaton(glob::Dfa dfa, const std::array<std::uint8_t, 256>& class_of,
            std::vector<glob::AnchorId> marks, std::size_t mark_count);

  /// The set of a policy's pattern; an error when it is too complex.
  static Result<Automaton> of(const glob::PathSet& set, std::size_t mark_count);
  /// `text` alone, or all that lies in it too, behind the mark of `anchor` where there is one. An
  /// empty text behind a mark is the directory, but for the root directory.
  static Automaton of_path(std::optional<glob::AnchorId> anchor, std::string_view text,
                           bool is_subtree, std::size_t mark_count);
  /// Every path where the directory is the root directory.
  static Automaton where_root(glob::AnchorId anchor, std::size_t mark_count);
  /// Every path that does not lie in the directory.
  static Automaton not_in(glob::AnchorId anchor, std::size_t mark_count);

  /// The directories that some path of the set lies in. Those above a directory known at launch
  /// count where `with_marks` says so.
  Automaton above(bool with_marks) const;
  /// The directories that cannot be moved without a path of the set getting out of it: some path
  /// below one is in the set, and is not in it below a directory that ends in the state
  /// `elsewhere`, or in none.
  Automaton pins(std::optional<std::uint32_t> elsewhere) const;

  std::uint32_t size() const { return dfa_.size(); }
  std::uint32_t step(std::uint32_t state, unsigned char byte) const {
    return dfa_.step(state, class_of_[byte]);
  }
  std::uint32_t step_mark(std::uint32_t state, std::uint32_t mark) const {
    const std::uint32_t column = column_of_[mark];
    return column == kStays ? state : dfa_.step(state, column);
  }
  bool accepts(std::uint32_t state, bool is_root) const {
    return (dfa_.label[state] & (is_root ? 2U : 1U)) != 0;
  }
  /// Whether something that follows is in the set, and whether all is.
  bool is_live(std::uint32_t state) const { return live_[state]; }
  bool is_for_good(std::uint32_t state) const { return for_good_[state]; }
  /// The same where the component has ended, so that nothing but a `/` or a mark follows. The path
  /// itself counts too.
  bool is_live_at_end(std::uint32_t state) const { return live_at_end_[state]; }
  bool is_for_good_at_end(std::uint32_t state) const {
    return dfa_.label[state] == 3U && for_good_[step(state, '/')];
  }
  std::uint8_t class_of(unsigned char byte) const { return class_of_[byte]; }

 private:
  // A directory ends once in a path: where its mark was read already, another changes nothing.
  void read_once(glob::AnchorId mark);
  std::vector<bool> below(bool with_marks) const;
  Automaton labelled(const std::vector<bool>& is_in) const;

  static constexpr std::uint32_t kStays = UINT32_MAX;

  glob::Dfa dfa_;
  std::array<std::uint8_t, 256> class_of_;
  std::vector<glob::AnchorId> marks_;
  std::vector<std::uint32_t> column_of_;  // by mark
  std::vector<bool> live_;
  std::vector<bool> for_good_;
  std::vector<bool> live_at_end_;
};

}  // namespace srt::verify::sbpl
