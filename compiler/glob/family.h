#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/glob/alphabet.h"
#include "compiler/glob/dfa.h"
#include "compiler/glob/pattern.h"

namespace srt::glob {

/// The directory of every anchor, by AnchorId: "" is the root directory; what is no canonical path,
/// as kNowhere, stands in no path.
using AnchorDirectories = std::vector<std::string>;

/// A path, and where in it the directories of anchors end: what proves that a set is not empty. An
/// anchor without a mark is elsewhere.
struct Witness {
  std::string path;
  std::vector<std::pair<AnchorId, std::size_t>>
      marks;  ///< an anchor, and the length of its directory
};

/// Sets of paths that are held against each other, over one alphabet. Each is compiled when it is
/// first needed. All questions together may take a budget of steps; what exceeds it is not
/// answered.
class Family {
 public:
  using Member = std::uint32_t;  ///< the place of a set in the list

  enum class Answer : std::uint8_t { none, found, unknown };
  struct Found {
    Answer answer = Answer::unknown;
    Witness witness = {};               ///< where there is one
    std::vector<Member> blockers = {};  ///< of `none`: members of `out` that leave nothing over
  };

  /// `sets` outlive the family. Directories in questions may have no other bytes than the sets and
  /// `bytes` have.
  Family(std::vector<const PathSet*> sets, std::size_t anchor_count, std::string_view bytes,
         std::size_t budget);
  ~Family();
  Family(const Family&) = delete;

  /// Looks for a canonical path that is in all of `in` and in none of `out`: with the anchors'
  /// directories where they are given, else for some directories, in any arrangement. So `none`
  /// without directories holds for all values. A short path is preferred.
  Found find(std::span<const Member> in, std::span<const Member> out,
             const AnchorDirectories* directories = nullptr);

  /// Whether a set has a path; nothing when it cannot be compiled.
  std::optional<bool> contains(Member member, const Witness& witness);

  /// Whether sets have a common path at all as far as their first literals tell, which costs next
  /// to nothing: false only where `find` would find none.
  bool may_meet(std::span<const Member> in, const AnchorDirectories* directories);

  bool is_exhausted() const { return steps_left_ == 0; }

 private:
  static constexpr std::uint16_t kFar = 0xFFFF;

  struct Automaton {
    Dfa dfa;                                // over an alphabet of its own, the smallest there is
    std::vector<Alphabet::Symbol> symbols;  // of that, by those of the family
    std::vector<std::uint16_t> distance;    // bytes to a path of the set; marks cost nothing
    std::vector<std::uint16_t> plain_distance;  // the same where no mark is left
    std::vector<bool> for_good;                 // whatever follows is in the set
    std::vector<AnchorId> anchors;

    std::uint32_t step(std::uint32_t state, Alphabet::Symbol symbol) const {
      return dfa.step(state, symbols[symbol]);
    }
  };
  class Search;
  struct Tree;

  const Tree& tree_of(const AnchorDirectories& directories);
  const Automaton* automaton(Member member);
  bool may_contain(Member member, const Witness& witness) const;
  bool spend(std::size_t steps);
  Found search(std::span<const Member> in, std::span<const Member> out,
               const AnchorDirectories* directories);

  std::vector<const PathSet*> sets_;
  PathSet bytes_;
  Alphabet alphabet_;
  std::vector<Alphabet::Symbol> bytes_by_looks_;  // classes, those that look best in a path last
  std::size_t steps_left_;
  std::vector<std::optional<Automaton>> automata_;
  std::vector<bool> is_tried_;
  std::vector<std::unique_ptr<Tree>> trees_;
};

}  // namespace srt::glob
