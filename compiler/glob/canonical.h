#pragma once

#include "compiler/glob/pattern.h"

namespace srt::glob {

/// The one spelling of what can be spelled in several ways: `[a]` as `a`, `[!/]` as `?`, `*?` as
/// `?*`, `*` once where it stands twice. It matches what `pattern` does, which `same_paths` proves
/// where a claim depends on it.
PathPattern canonical(PathPattern pattern);

/// Whether both match the same paths, whatever the anchors. False also where that takes too long.
bool same_paths(const PathSet& a, const PathSet& b);

}  // namespace srt::glob
