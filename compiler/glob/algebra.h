#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "compiler/glob/begins.h"
#include "compiler/glob/pattern.h"

/// Exact claims about sets of paths. All hold over every canonical path and every value that the
/// anchors can have, in any arrangement: one directory inside the other, equal, or apart. Where the
/// automata would exceed their budget no claim is made: the answer is the one that claims nothing.
namespace srt::glob {

/// Whether the set has no path, whatever the anchors.
bool is_empty(const PathSet& set);

/// Whether every path of `a` is in `b`, whatever the anchors. False also when it depends on them.
bool is_subset(const PathSet& a, const PathSet& b);

/// Whether some path is in both, for some values of the anchors.
bool intersects(const PathSet& a, const PathSet& b);

/// Many sets, against which one after another is held: only those that can have a path in common
/// with it, by what they begin with, are looked at. They have to outlive the object.
class Sets {
 public:
  explicit Sets(std::span<const PathSet* const> sets);

  /// Whether some of them intersects `set`.
  bool intersect(const PathSet& set) const;

 private:
  struct Group {
    std::vector<const PathSet*> sets;
    Begins begins;  // of each, by its place in `sets`
  };

  std::vector<const PathSet*> near(const PathSet& set) const;

  std::map<std::optional<AnchorId>, Group> by_anchor_;
};

}  // namespace srt::glob
