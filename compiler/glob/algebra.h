#pragma once

#include <span>

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

/// Whether `set` intersects one of `others`: `set` is compiled once for all.
bool intersects_any(const PathSet& set, std::span<const PathSet* const> others);

}  // namespace srt::glob
