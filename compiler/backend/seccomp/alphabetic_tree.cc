#include "compiler/backend/seccomp/alphabetic_tree.h"

#include <limits>

namespace srt::seccomp {

AlphabeticTree::AlphabeticTree(std::span<const std::uint64_t> weights)
    : leaves_(weights.size()), splits_(leaves_ * leaves_) {
  std::vector<std::uint64_t> weight_before(leaves_ + 1);
  for (std::size_t i = 0; i < leaves_; ++i) weight_before[i + 1] = weight_before[i] + weights[i];

  std::vector<std::uint64_t> costs(leaves_ * leaves_);
  const auto cost = [&](std::size_t first, std::size_t last) -> std::uint64_t& {
    return costs[first * leaves_ + last];
  };
  for (std::size_t size = 2; size <= leaves_; ++size) {
    for (std::size_t first = 0; first + size <= leaves_; ++first) {
      const std::size_t last = first + size - 1;
      // Knuth, Optimum binary search trees (1971): a best split lies between those of the subtrees
      // that lack the last and the first leaf.
      const std::size_t from = size == 2 ? first : split(first, last - 1);
      const std::size_t to = size == 2 ? first : split(first + 1, last);
      std::uint64_t best = std::numeric_limits<std::uint64_t>::max();
      for (std::size_t middle = from; middle <= to && middle < last; ++middle) {
        const std::uint64_t both = cost(first, middle) + cost(middle + 1, last);
        if (both >= best) continue;
        best = both;
        splits_[first * leaves_ + last] = middle;
      }
      cost(first, last) = best + weight_before[last + 1] - weight_before[first];
    }
  }
}

}  // namespace srt::seccomp
