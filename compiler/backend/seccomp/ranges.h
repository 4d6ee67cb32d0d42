#pragma once

#include <cstdint>
#include <vector>

#include "compiler/backend/seccomp/decision_graph.h"

namespace srt::seccomp {

/// System call numbers from `first` up to the next range's `first`, all decided alike.
struct Range {
  std::uint32_t first;
  Decision decision;

  friend bool operator==(const Range&, const Range&) = default;
};

/// The fewest ranges for numbers 0, 1, … decided as in `by_number`, and all after those (up to
/// 2³²−1) as `beyond`. The first range starts at 0; neighbours differ.
std::vector<Range> merge_ranges(const std::vector<Decision>& by_number, Decision beyond);

}  // namespace srt::seccomp
