#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/bundle/path_table.h"

namespace srt {

/// What a walk looks for from a directory on.
struct Interest {
  /// Whether nothing of interest can follow a state, itself included, however the path goes on.
  std::function<bool(PathTable::State)> dull;
  /// Whether a path that ends in a state is of interest, or something beneath it may be.
  std::function<bool(PathTable::State)> notable;
};

/// The notable names in a directory, where the path rules tell few apart from all others there:
/// then the directory need not be listed. `state` is the directory's. Nothing when the names are
/// not few, as after `*`.
std::optional<std::vector<std::string>> next_names(const PathTable& table, PathTable::State state,
                                                   const Interest& interest);

}  // namespace srt
