#include "compiler/backend/seccomp/ranges.h"

namespace srt::seccomp {

std::vector<Range> merge_ranges(const std::vector<Decision>& by_number, Decision beyond) {
  std::vector<Range> ranges;
  std::uint32_t number = 0;
  const auto append = [&](const Decision& decision) {
    if (ranges.empty() || ranges.back().decision != decision) ranges.push_back({number, decision});
    ++number;
  };
  for (const Decision& decision : by_number) append(decision);
  append(beyond);
  return ranges;
}

}  // namespace srt::seccomp
