#include "compiler/glob/algebra.h"

#include <algorithm>
#include <array>

#include "compiler/glob/dfa.h"

namespace srt::glob {
namespace {

std::size_t anchors_of(const PathPattern& pattern) {
  return pattern.anchor ? *pattern.anchor + 1 : 0;
}

std::size_t anchors_of(const PathSet& set) {
  std::size_t count = anchors_of(set.pattern);
  for (const PathPattern& except : set.except) count = std::max(count, anchors_of(except));
  if (set.within) count = std::max(count, anchors_of(*set.within));
  return count;
}

// Whether no canonical path has a combination of membership in `a` and `b` that `wanted` tells;
// nothing when the automata would be too large.
std::optional<bool> never(const PathSet& a, const PathSet& b,
                          const std::function<Label(Label, Label)>& wanted) {
  const std::array<const PathSet*, 2> sets = {&a, &b};
  const Alphabet alphabet(sets, std::max(anchors_of(a), anchors_of(b)));
  const Result<Dfa> in_a = compile(a, alphabet);
  const Result<Dfa> in_b = compile(b, alphabet);
  if (!in_a || !in_b) return std::nullopt;
  const Result<Dfa> both = product(*in_a, *in_b, wanted);
  if (!both) return std::nullopt;
  const Result<Dfa> real = product(*both, canonical_paths(alphabet),
                                   [](Label found, Label path) { return found & path; });
  if (!real) return std::nullopt;
  return std::all_of(real->label.begin(), real->label.end(),
                     [](Label label) { return label == 0; });
}

}  // namespace

bool is_empty(const PathSet& set) {
  return never(set, set, [](Label a, Label) { return a; }).value_or(false);
}

bool is_subset(const PathSet& a, const PathSet& b) {
  return never(a, b, [](Label in_a, Label in_b) { return in_a & ~in_b & 1U; }).value_or(false);
}

bool intersects(const PathSet& a, const PathSet& b) {
  return !never(a, b, [](Label in_a, Label in_b) { return in_a & in_b; }).value_or(false);
}

}  // namespace srt::glob
