#include "compiler/verify/words.h"

#include <algorithm>
#include <span>

namespace srt::verify {
namespace {

// A word with `bits` in its `known` bits that fails all of `tests`. A test is failed by one bit, so
// each needs one of its free bits at most.
std::optional<std::uint32_t> failing_all(std::uint32_t known, std::uint32_t bits,
                                         std::span<const WordTest> tests) {
  if (tests.empty()) return bits;
  const WordTest& test = tests.front();
  if (((bits ^ test.value) & test.mask & known) != 0 || (test.value & ~test.mask) != 0) {
    return failing_all(known, bits, tests.subspan(1));
  }
  for (std::uint32_t free = test.mask & ~known; free != 0; free &= free - 1) {
    const std::uint32_t bit = free & (~free + 1);
    if (const auto found = failing_all(known | bit, bits | (~test.value & bit), tests.subspan(1))) {
      return found;
    }
  }
  return std::nullopt;
}

}  // namespace

NumberSet NumberSet::within(std::uint32_t first, std::uint32_t last) const {
  std::vector<Range> out;
  for (const auto& [begin, end] : ranges_) {
    const Range both(std::max(begin, first), std::min(end, last));
    if (both.first <= both.second) out.push_back(both);
  }
  return NumberSet(std::move(out));
}

NumberSet NumberSet::outside(std::uint32_t first, std::uint32_t last) const {
  if (first > last) return *this;
  std::vector<Range> out = first > 0 ? within(0, first - 1).ranges_ : std::vector<Range>();
  if (last < UINT32_MAX) {
    const NumberSet above = within(last + 1, UINT32_MAX);
    out.insert(out.end(), above.ranges_.begin(), above.ranges_.end());
  }
  return NumberSet(std::move(out));
}

bool NumberSet::contains(std::uint32_t number) const {
  return std::any_of(ranges_.begin(), ranges_.end(), [number](const Range& range) {
    return range.first <= number && number <= range.second;
  });
}

std::optional<WordSet> WordSet::passing(const WordTest& test) const {
  if ((test.value & ~test.mask) != 0) return std::nullopt;
  if (((bits_ ^ test.value) & test.mask & known_) != 0) return std::nullopt;
  WordSet out = *this;
  out.known_ |= test.mask;
  out.bits_ |= test.value;
  if (!failing_all(out.known_, out.bits_, out.failed_)) return std::nullopt;
  return out;
}

std::optional<WordSet> WordSet::failing(const WordTest& test) const {
  WordSet out = *this;
  out.failed_.push_back(test);
  if (!failing_all(out.known_, out.bits_, out.failed_)) return std::nullopt;
  return out;
}

std::uint32_t WordSet::example() const {
  return failing_all(known_, bits_, failed_).value_or(bits_);
}

}  // namespace srt::verify
