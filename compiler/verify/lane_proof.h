#pragma once

#include <optional>
#include <string>

#include "compiler/verify/path_rules.h"

namespace srt::verify {

/// Steps that a proof may take: about half a second's worth.
inline constexpr std::size_t kMaxProofSteps = 100'000'000;

/// What came of looking for a proof that a table decides as the policy does.
struct LaneProof {
  /// Why there is none; empty where there is.
  std::string gap;
  /// A path that they decide otherwise about, where the search came by one.
  std::optional<Word> witness;
  /// Whether a lane is wrong about paths that go on, which no single path shows.
  bool misleads = false;
  bool is_unfinished = false;  ///< the budget ended it
};

/// Looks for the proof that suits tables of srtc, in about as many steps as the table has states:
/// each rule is in one lane; what a lane matches is what its rules match, and they are of its kind;
/// of two lanes of different kinds the rules of the first come after those of the second. Then the
/// first lane that matches is that of the last rule that does. Also proves what the lanes say of
/// paths that go on, by which the launcher's walk leaves directories out.
LaneProof prove_lanes(const PathSides& sides);

}  // namespace srt::verify
