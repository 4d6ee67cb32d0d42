#include "compiler/glob/algebra.h"

#include <algorithm>
#include <array>
#include <set>

#include "compiler/glob/dfa.h"

namespace srt::glob {
namespace {

void add_anchors(std::set<AnchorId>& anchors, const PathSet& set) {
  const auto add = [&](const PathPattern& pattern) {
    if (pattern.anchor) anchors.insert(*pattern.anchor);
  };
  add(set.pattern);
  for (const PathPattern& except : set.except) add(except);
  if (set.within) add(*set.within);
}

// The words in which a mark stands at most once: a directory is in one place.
Dfa at_most_once(const Alphabet& alphabet, AnchorId anchor) {
  constexpr std::uint32_t kTwice = 2;
  Dfa dfa;
  dfa.symbols = alphabet.size();
  dfa.label = {1, 1, 0};
  for (std::uint32_t seen = 0; seen <= kTwice; ++seen) {
    for (Alphabet::Symbol symbol = 0; symbol < alphabet.size(); ++symbol) {
      const bool more = symbol == alphabet.mark(anchor) && seen < kTwice;
      dfa.next.push_back(more ? seen + 1 : seen);
    }
  }
  return dfa;
}

// Whether no canonical path has a combination of membership in `a` and `b` that `wanted` tells;
// nothing when the automata would be too large.
std::optional<bool> never(const PathSet& a, const PathSet& b,
                          const std::function<Label(Label, Label)>& wanted) {
  const auto both = [](Label found, Label path) { return found & path; };
  const std::array<const PathSet*, 2> sets = {&a, &b};
  std::set<AnchorId> anchors;
  for (const PathSet* set : sets) add_anchors(anchors, *set);
  const Alphabet alphabet(sets, anchors.empty() ? 0 : *anchors.rbegin() + 1);
  const Result<Dfa> in_a = compile(a, alphabet);
  const Result<Dfa> in_b = compile(b, alphabet);
  if (!in_a || !in_b) return std::nullopt;
  Result<Dfa> found = product(*in_a, *in_b, wanted);
  if (found) found = product(*found, canonical_paths(alphabet), both);
  for (const AnchorId anchor : anchors) {
    if (found) found = product(*found, at_most_once(alphabet, anchor), both);
  }
  if (!found) return std::nullopt;
  return std::all_of(found->label.begin(), found->label.end(),
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
