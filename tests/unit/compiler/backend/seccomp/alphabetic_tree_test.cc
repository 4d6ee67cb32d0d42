#include "compiler/backend/seccomp/alphabetic_tree.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace srt::seccomp {
namespace {

using Weights = std::vector<std::uint64_t>;

std::uint64_t cost_of(const AlphabeticTree& tree, const Weights& weights, std::size_t first,
                      std::size_t last, std::uint64_t depth) {
  if (first == last) return weights[first] * depth;
  const std::size_t middle = tree.split(first, last);
  REQUIRE(first <= middle);
  REQUIRE(middle < last);
  return cost_of(tree, weights, first, middle, depth + 1) +
         cost_of(tree, weights, middle + 1, last, depth + 1);
}

/// By trying every tree.
std::uint64_t least_cost(const Weights& weights, std::size_t first, std::size_t last,
                         std::uint64_t depth) {
  if (first == last) return weights[first] * depth;
  auto best = std::numeric_limits<std::uint64_t>::max();
  for (std::size_t middle = first; middle < last; ++middle) {
    best = std::min(best, least_cost(weights, first, middle, depth + 1) +
                              least_cost(weights, middle + 1, last, depth + 1));
  }
  return best;
}

TEST_CASE("no tree is better, for all weights of 0, 1, 5 and 30 on up to six leaves") {
  constexpr std::uint64_t kWeights[] = {0, 1, 5, 30};
  for (std::size_t leaves = 1; leaves <= 6; ++leaves) {
    const std::size_t combinations = std::size_t{1} << (2 * leaves);
    for (std::size_t choice = 0; choice < combinations; ++choice) {
      Weights weights;
      for (std::size_t i = 0; i < leaves; ++i) weights.push_back(kWeights[choice >> (2 * i) & 3]);
      const AlphabeticTree tree(weights);
      REQUIRE(cost_of(tree, weights, 0, leaves - 1, 0) == least_cost(weights, 0, leaves - 1, 0));
    }
  }
}

TEST_CASE("equal weights give a balanced tree") {
  const Weights weights(256, 1);
  CHECK(cost_of(AlphabeticTree(weights), weights, 0, 255, 0) == 256 * 8);
}

}  // namespace
}  // namespace srt::seccomp
