#include "compiler/glob/algebra.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <unordered_set>
#include <vector>

#include "compiler/glob/dfa.h"
#include "compiler/glob/predecessors.h"

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

// The most states of a search. Ordinary pairs take some hundreds.
constexpr std::size_t kMaxVisited = 1'000'000;

// For each state, whether some word leads from it to one whose label is `wanted`.
std::vector<bool> leads_to(const Dfa& dfa, Label wanted) {
  const Predecessors before(dfa, [](Alphabet::Symbol) { return true; });
  return before.lead_to([&](std::uint32_t state) { return dfa.label[state] == wanted; });
}

// A search through two automata side by side for a canonical path, in which each mark stands at
// most once, as a directory is in one place. It leaves out what leads nowhere and stops at the
// first path it finds.
class Search {
 public:
  // `in_b` is whether the path has to be in `b`; it has to be in `a`. The marks that count are
  // those of `anchors`: no automaton looks at others.
  Search(const Dfa& a, const Dfa& b, bool in_b, const Alphabet& alphabet,
         const std::set<AnchorId>& anchors)
      : a_(a),
        b_(b),
        wanted_(in_b ? 1 : 0),
        canonical_(canonical_paths(alphabet)),
        a_leads_(leads_to(a, 1)),
        b_leads_(leads_to(b, wanted_)),
        canonical_leads_(leads_to(canonical_, 1)),
        bit_of_(alphabet.size(), 0) {
    for (const AnchorId anchor : anchors) {
      bit_of_[alphabet.mark(anchor)] = std::uint64_t{1} << bits_++;
    }
  }

  // Whether there is such a path; nothing where looking takes too long.
  std::optional<bool> run() {
    constexpr std::size_t kMaxMarks = 30;  // what a key has room for
    if (bits_ > kMaxMarks) return std::nullopt;
    visit(0, 0, 0, 0);
    while (!work_.empty()) {
      if (visited_.size() > kMaxVisited) return std::nullopt;
      const std::uint64_t key = work_.back();
      work_.pop_back();
      const auto a = static_cast<std::uint32_t>(key & 0xFFFF);
      const auto b = static_cast<std::uint32_t>(key >> 16 & 0xFFFF);
      const auto path = static_cast<std::uint32_t>(key >> 32 & 3);
      const std::uint64_t seen = key >> 34;
      if (a_.label[a] == 1 && b_.label[b] == wanted_ && canonical_.label[path] == 1) return true;
      for (Alphabet::Symbol symbol = 0; symbol < a_.symbols; ++symbol) {
        if ((seen & bit_of_[symbol]) != 0) continue;
        visit(a_.step(a, symbol), b_.step(b, symbol), canonical_.step(path, symbol),
              seen | bit_of_[symbol]);
      }
    }
    return false;
  }

 private:
  static_assert(kMaxStates <= 0xFFFF);

  void visit(std::uint32_t a, std::uint32_t b, std::uint32_t path, std::uint64_t seen) {
    if (!a_leads_[a] || !b_leads_[b] || !canonical_leads_[path]) return;
    const std::uint64_t key = a | std::uint64_t{b} << 16 | std::uint64_t{path} << 32 | seen << 34;
    if (visited_.insert(key).second) work_.push_back(key);
  }

  const Dfa& a_;
  const Dfa& b_;
  Label wanted_;
  Dfa canonical_;
  std::vector<bool> a_leads_;
  std::vector<bool> b_leads_;
  std::vector<bool> canonical_leads_;
  std::vector<std::uint64_t> bit_of_;  // by symbol; 0 for what may come any number of times
  std::size_t bits_ = 0;
  std::unordered_set<std::uint64_t> visited_;
  std::vector<std::uint64_t> work_;
};

std::set<AnchorId> anchors_of(std::span<const PathSet* const> sets) {
  std::set<AnchorId> anchors;
  for (const PathSet* set : sets) add_anchors(anchors, *set);
  return anchors;
}

Alphabet alphabet_of(std::span<const PathSet* const> sets) {
  const std::set<AnchorId> anchors = anchors_of(sets);
  return {sets, anchors.empty() ? 0 : *anchors.rbegin() + 1};
}

// Whether some canonical path is in `a`, and in `b` or not as `in_b` says; nothing when the
// automata would be too large.
std::optional<bool> some(const PathSet& a, const PathSet& b, bool in_b) {
  const std::array<const PathSet*, 2> sets = {&a, &b};
  const Alphabet alphabet = alphabet_of(sets);
  const Result<Dfa> dfa_a = compile(a, alphabet);
  if (!dfa_a) return std::nullopt;
  const Result<Dfa> dfa_b = compile(b, alphabet);
  if (!dfa_b) return std::nullopt;
  return Search(*dfa_a, *dfa_b, in_b, alphabet, anchors_of(sets)).run();
}

}  // namespace

namespace {

// Whether the first bytes show that two sets have no path in common: most pairs are told apart by
// them. Patterns from different anchors may meet whatever they begin with.
bool begin_apart(const PathSet& a, const PathSet& b) {
  if (a.pattern.anchor != b.pattern.anchor) return false;
  const std::string_view in_a = first_literal(a.pattern);
  const std::string_view in_b = first_literal(b.pattern);
  return !in_a.starts_with(in_b) && !in_b.starts_with(in_a);
}

// Whether `set` intersects one of a few others, for which it is compiled once.
bool intersects_any(const PathSet& set, std::span<const PathSet* const> others) {
  if (others.empty()) return false;
  std::vector<const PathSet*> sets(others.begin(), others.end());
  sets.push_back(&set);
  const Alphabet alphabet = alphabet_of(sets);
  const Result<Dfa> own = compile(set, alphabet);
  if (!own) return true;
  return std::ranges::any_of(others, [&](const PathSet* other) {
    const Result<Dfa> dfa = compile(*other, alphabet);
    if (!dfa) return true;
    const std::array<const PathSet*, 2> both = {&set, other};
    return Search(*own, *dfa, true, alphabet, anchors_of(both)).run().value_or(true);
  });
}

// Whether the set is what its pattern matches. Every pattern matches something.
bool is_pattern(const PathSet& set) { return set.except.empty() && !set.within; }

}  // namespace

bool is_empty(const PathSet& set) { return !some(set, set, true).value_or(true); }

bool is_subset(const PathSet& a, const PathSet& b) {
  if (is_pattern(a) && begin_apart(a, b)) return false;
  return !some(a, b, false).value_or(true);
}

bool intersects(const PathSet& a, const PathSet& b) {
  if (begin_apart(a, b)) return false;
  return some(a, b, true).value_or(true);
}

Sets::Sets(std::span<const PathSet* const> sets) {
  std::map<std::optional<AnchorId>, std::vector<Begins::Entry>> begins;
  for (const PathSet* set : sets) {
    std::vector<const PathSet*>& group = by_anchor_[set->pattern.anchor].sets;
    begins[set->pattern.anchor].emplace_back(first_literal(set->pattern), group.size());
    group.push_back(set);
  }
  for (auto& [anchor, entries] : begins) by_anchor_[anchor].begins = Begins(std::move(entries));
}

// The others do not begin as `set` does. First come those from other anchors: few of them stay
// apart wherever these lie, and one that meets `set` spares the rest.
std::vector<const PathSet*> Sets::near(const PathSet& set) const {
  std::vector<const PathSet*> out;
  for (const auto& [anchor, group] : by_anchor_) {
    if (anchor != set.pattern.anchor) out.insert(out.end(), group.sets.begin(), group.sets.end());
  }
  const auto own = by_anchor_.find(set.pattern.anchor);
  if (own == by_anchor_.end()) return out;
  for (const std::size_t i : own->second.begins.near(first_literal(set.pattern))) {
    out.push_back(own->second.sets[i]);
  }
  return out;
}

bool Sets::intersect(const PathSet& set) const {
  // In batches, so that `set` is compiled few times; the first are small, as most sets meet one of
  // them.
  constexpr std::size_t kMaxBatch = 64;
  const std::vector<const PathSet*> near = this->near(set);
  std::span<const PathSet* const> left(near);
  for (std::size_t size = 1; !left.empty(); size = std::min(2 * size, kMaxBatch)) {
    const auto batch = left.first(std::min(size, left.size()));
    if (intersects_any(set, batch)) return true;
    left = left.subspan(batch.size());
  }
  return false;
}

}  // namespace srt::glob
