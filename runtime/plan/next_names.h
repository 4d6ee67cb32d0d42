#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/bundle/path_table.h"

namespace srt {

/// Whether anything of a lane can change, at the end of a path or beneath it, between a directory's
/// state and a state that its entries lead to.
bool is_notable(const PathTable& table, const PathTable::Lane& lane, PathTable::State directory,
                PathTable::State entry);

/// The names in a directory for which a lane's state is notable, where these are few: then the
/// directory need not be listed for it. Nothing when they are not few, as after `*`.
std::optional<std::vector<std::string>> next_names(const PathTable& table,
                                                   const PathTable::Lane& lane,
                                                   PathTable::State directory);

}  // namespace srt
