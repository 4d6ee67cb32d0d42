#pragma once

#include <optional>

#include "compiler/verify/path_rules.h"

namespace srt::verify {

/// States that may be looked at together: what two seconds allow at the most.
inline constexpr std::size_t kMaxJointStates = 200'000;
inline constexpr std::size_t kMaxJointSteps = 100'000'000;

struct JointWalk {
  bool is_complete;             ///< else the budget ended it
  std::optional<Word> witness;  ///< the shortest path on which the sides differ
};

/// Reads every path by all automata of both sides at once, shortest first, until they decide
/// otherwise. Exact whatever the table looks like, and feasible for small policies alone, in which
/// the states do not multiply.
JointWalk walk_jointly(const PathSides& sides);

}  // namespace srt::verify
