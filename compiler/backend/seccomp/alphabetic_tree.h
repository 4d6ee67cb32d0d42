#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace srt::seccomp {

/// A binary search tree over leaves in a fixed order for which the sum of weight × depth is least.
class AlphabeticTree {
 public:
  /// One weight for each leaf, at least one of them. Takes time and space of the square of their
  /// number. Of equally good trees the choice is the same every time.
  explicit AlphabeticTree(std::span<const std::uint64_t> weights);

  /// For the subtree of leaves `first` to `last` (`first < last`), the last leaf on its left side.
  std::size_t split(std::size_t first, std::size_t last) const {
    return splits_[first * leaves_ + last];
  }

 private:
  std::size_t leaves_;
  std::vector<std::size_t> splits_;
};

}  // namespace srt::seccomp
