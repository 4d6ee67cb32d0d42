#include "compiler/glob/dfa.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "compiler/glob/predecessors.h"

namespace srt::glob {
namespace {

// Sets of states that are not told apart yet, as ranges of one array (Hopcroft 1971, in the form of
// Valmari 2012: splitting a set costs what was marked in it).
class Partition {
 public:
  // Elements with equal signatures share a set.
  explicit Partition(const std::vector<std::uint64_t>& signatures)
      : elements_(signatures.size()), place_(signatures.size()), set_of_(signatures.size()) {
    std::iota(elements_.begin(), elements_.end(), 0U);
    std::sort(elements_.begin(), elements_.end(), [&](std::uint32_t a, std::uint32_t b) {
      return std::tie(signatures[a], a) < std::tie(signatures[b], b);
    });
    for (std::uint32_t i = 0; i < elements_.size(); ++i) {
      place_[elements_[i]] = i;
      if (i == 0 || signatures[elements_[i]] != signatures[elements_[i - 1]]) {
        begin_.push_back(i);
        end_.push_back(i);
        marked_.push_back(0);
      }
      ++end_.back();
      set_of_[elements_[i]] = static_cast<std::uint32_t>(begin_.size() - 1);
    }
  }

  std::uint32_t size() const { return static_cast<std::uint32_t>(begin_.size()); }
  std::uint32_t set_of(std::uint32_t element) const { return set_of_[element]; }
  std::uint32_t first(std::uint32_t set) const { return elements_[begin_[set]]; }
  std::vector<std::uint32_t> members(std::uint32_t set) const {
    return {elements_.begin() + begin_[set], elements_.begin() + end_[set]};
  }

  void mark(std::uint32_t element) {
    const std::uint32_t set = set_of_[element];
    const std::uint32_t to = begin_[set] + marked_[set];
    if (place_[element] < to) return;
    if (marked_[set]++ == 0) touched_.push_back(set);
    const std::uint32_t from = place_[element];
    std::swap(elements_[from], elements_[to]);
    place_[elements_[from]] = from;
    place_[elements_[to]] = to;
  }

  // Splits every set of which a part is marked and calls `made(fresh)` with the number of its
  // smaller half; the larger one keeps the old number.
  template <typename F>
  void split(F&& made) {
    for (const std::uint32_t set : touched_) {
      const std::uint32_t middle = begin_[set] + marked_[set];
      marked_[set] = 0;
      if (middle == end_[set]) continue;
      const std::uint32_t fresh = size();
      if (middle - begin_[set] <= end_[set] - middle) {
        begin_.push_back(begin_[set]);
        end_.push_back(middle);
        begin_[set] = middle;
      } else {
        begin_.push_back(middle);
        end_.push_back(end_[set]);
        end_[set] = middle;
      }
      marked_.push_back(0);
      for (std::uint32_t i = begin_[fresh]; i < end_[fresh]; ++i) set_of_[elements_[i]] = fresh;
      made(fresh);
    }
    touched_.clear();
  }

 private:
  std::vector<std::uint32_t> elements_;
  std::vector<std::uint32_t> place_;
  std::vector<std::uint32_t> set_of_;
  std::vector<std::uint32_t> begin_;
  std::vector<std::uint32_t> end_;
  std::vector<std::uint32_t> marked_;
  std::vector<std::uint32_t> touched_;
};

// For each (symbol, target) the states that step there, as one array with offsets.
class Inverse {
 public:
  explicit Inverse(const Dfa& dfa)
      : states_(dfa.size()),
        offset_(std::size_t{dfa.symbols} * states_ + 1),
        from_(dfa.next.size()) {
    for (std::size_t i = 0; i < dfa.next.size(); ++i) ++offset_[key(dfa, i) + 1];
    std::partial_sum(offset_.begin(), offset_.end(), offset_.begin());
    std::vector<std::uint32_t> at(offset_.begin(), offset_.end() - 1);
    for (std::size_t i = 0; i < dfa.next.size(); ++i) {
      from_[at[key(dfa, i)]++] = static_cast<std::uint32_t>(i / dfa.symbols);
    }
  }

  template <typename F>
  void for_sources(Alphabet::Symbol symbol, std::uint32_t target, F&& visit) const {
    const std::size_t k = std::size_t{symbol} * states_ + target;
    for (std::uint32_t i = offset_[k]; i < offset_[k + 1]; ++i) visit(from_[i]);
  }

 private:
  std::size_t key(const Dfa& dfa, std::size_t i) const {
    return (i % dfa.symbols) * states_ + dfa.next[i];
  }

  std::size_t states_;
  std::vector<std::uint32_t> offset_;
  std::vector<std::uint32_t> from_;
};

std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15;
  const std::uint64_t product = (a ^ b) * kGolden;
  return product ^ product >> 32;
}

// Leaves those states whose number another one has too, and returns how many such numbers there
// are.
std::size_t keep_shared(std::vector<std::uint32_t>& states,
                        const std::vector<std::uint64_t>& numbers) {
  const auto number = [&](std::uint32_t state) { return numbers[state]; };
  std::ranges::sort(states, {}, number);
  std::size_t groups = 0;
  auto to = states.begin();
  for (auto from = states.begin(); from != states.end();) {
    const auto end = std::find_if(
        from, states.end(), [&](std::uint32_t state) { return number(state) != number(*from); });
    if (end - from > 1) {
      ++groups;
      to = std::copy(from, end, to);
    }
    from = end;
  }
  states.erase(to, states.end());
  return groups;
}

// The number of a state, mixed with those of the states that follow.
std::uint64_t number_of(const Dfa& dfa, std::uint32_t state,
                        const std::vector<std::uint64_t>& numbers) {
  std::uint64_t out = numbers[state];
  std::uint64_t last = out;
  for (Alphabet::Symbol symbol = 0; symbol < dfa.symbols; ++symbol) {
    const std::uint64_t to = numbers[dfa.step(state, symbol)];
    if (to != last) out = mixed(out, to + symbol);  // most are like the one before
    last = to;
  }
  return out;
}

// Numbers that are equal for states that are alike: of the label, of the nearest label and how far
// it and the nearest state without one are, then also of the numbers of the states that follow, as
// long as that tells more of them apart (Moore 1956). A few rounds do for most automata.
std::vector<std::uint64_t> signatures(const Dfa& dfa) {
  const Predecessors before(dfa, [](Alphabet::Symbol) { return true; });
  std::vector<std::uint32_t> labelled;
  std::vector<std::uint32_t> bare;
  for (std::uint32_t state = 0; state < dfa.size(); ++state) {
    (dfa.label[state] != 0 ? labelled : bare).push_back(state);
  }
  std::ranges::sort(labelled, {}, [&](std::uint32_t state) { return dfa.label[state]; });
  const std::vector<Predecessors::Nearest> to_labelled = before.nearest(std::move(labelled));
  const std::vector<Predecessors::Nearest> to_bare = before.nearest(std::move(bare));
  std::vector<std::uint64_t> out;
  out.reserve(dfa.size());
  for (std::uint32_t state = 0; state < dfa.size(); ++state) {
    const auto& [distance, goal] = to_labelled[state];
    const std::uint64_t far = std::uint64_t{distance} << 32 | to_bare[state].distance;
    const Label nearest = goal == Predecessors::kNowhere ? 0 : dfa.label[goal];
    out.push_back(mixed(mixed(far, dfa.label[state]), nearest));
  }
  std::vector<std::uint32_t> shared(dfa.size());
  std::iota(shared.begin(), shared.end(), 0U);
  std::size_t groups = keep_shared(shared, out);
  std::vector<std::uint64_t> next;
  constexpr int kMaxRounds = 16;
  for (int round = 0; round < kMaxRounds && !shared.empty(); ++round) {
    next.clear();
    for (const std::uint32_t state : shared) next.push_back(number_of(dfa, state, out));
    for (std::size_t i = 0; i < shared.size(); ++i) out[shared[i]] = next[i];
    const std::size_t states_before = shared.size();
    const std::size_t groups_before = std::exchange(groups, keep_shared(shared, out));
    if (shared.size() == states_before && groups == groups_before) break;
  }
  return out;
}

// Whether states of one set lead to states of one set, so that none is left to be told apart.
bool is_stable(const Dfa& dfa, const Partition& partition) {
  for (std::uint32_t state = 0; state < dfa.size(); ++state) {
    const std::uint32_t other = partition.first(partition.set_of(state));
    for (Alphabet::Symbol symbol = 0; symbol < dfa.symbols && other != state; ++symbol) {
      if (partition.set_of(dfa.step(state, symbol)) != partition.set_of(dfa.step(other, symbol))) {
        return false;
      }
    }
    if (dfa.label[state] != dfa.label[other]) return false;
  }
  return true;
}

// The quotient of `dfa` by `partition`, states in breadth-first order from the start.
Dfa quotient(const Dfa& dfa, const Partition& partition) {
  constexpr std::uint32_t kUnseen = UINT32_MAX;
  std::vector<std::uint32_t> number(partition.size(), kUnseen);
  std::vector<std::uint32_t> order;
  const auto visit = [&](std::uint32_t set) {
    if (number[set] == kUnseen) {
      number[set] = static_cast<std::uint32_t>(order.size());
      order.push_back(set);
    }
    return number[set];
  };
  visit(partition.set_of(0));
  Dfa out;
  out.symbols = dfa.symbols;
  out.next.reserve(std::size_t{partition.size()} * dfa.symbols);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::uint32_t state = partition.first(order[i]);
    out.label.push_back(dfa.label[state]);
    for (Alphabet::Symbol symbol = 0; symbol < dfa.symbols; ++symbol) {
      out.next.push_back(visit(partition.set_of(dfa.step(state, symbol))));
    }
  }
  return out;
}

}  // namespace

Dfa minimize(const Dfa& dfa) {
  if (const Partition told_apart(signatures(dfa)); is_stable(dfa, told_apart)) {
    return quotient(dfa, told_apart);
  }
  Partition partition(dfa.label);
  const Inverse inverse(dfa);
  std::vector<std::uint32_t> work(partition.size());
  std::iota(work.begin(), work.end(), 0U);
  while (!work.empty()) {
    const std::uint32_t splitter = work.back();
    work.pop_back();
    const std::vector<std::uint32_t> members = partition.members(splitter);
    for (Alphabet::Symbol symbol = 0; symbol < dfa.symbols; ++symbol) {
      for (const std::uint32_t target : members) {
        inverse.for_sources(symbol, target, [&](std::uint32_t from) { partition.mark(from); });
      }
      // The smaller half is enough: the other keeps the old number, which either still waits or
      // has done its work.
      partition.split([&](std::uint32_t fresh) { work.push_back(fresh); });
    }
  }
  return quotient(dfa, partition);
}

namespace {

// Pairs of states that are numbered as they are found. Open addressing: this is where a compile
// spends its time.
class PairNumbers {
 public:
  std::uint32_t number(std::uint32_t in_a, std::uint32_t in_b) {
    const std::uint64_t pair = std::uint64_t{in_a} << 32 | in_b;
    if (2 * pairs_.size() >= slots_.size()) grow();
    std::size_t at = place(pair);
    while (slots_[at] != kFree && pairs_[slots_[at]] != pair) at = (at + 1) & (slots_.size() - 1);
    if (slots_[at] == kFree) {
      slots_[at] = static_cast<std::uint32_t>(pairs_.size());
      pairs_.push_back(pair);
    }
    return slots_[at];
  }

  std::size_t size() const { return pairs_.size(); }
  std::uint32_t in_a(std::size_t i) const { return static_cast<std::uint32_t>(pairs_[i] >> 32); }
  std::uint32_t in_b(std::size_t i) const { return static_cast<std::uint32_t>(pairs_[i]); }

 private:
  static constexpr std::uint32_t kFree = UINT32_MAX;

  std::size_t place(std::uint64_t pair) const {
    constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15;  // Fibonacci hashing
    return (pair * kGolden >> 32) & (slots_.size() - 1);
  }

  void grow() {
    constexpr std::size_t kFirst = 64;
    slots_.assign(std::max(kFirst, 2 * slots_.size()), kFree);
    for (std::uint32_t i = 0; i < pairs_.size(); ++i) {
      std::size_t at = place(pairs_[i]);
      while (slots_[at] != kFree) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = i;
    }
  }

  std::vector<std::uint64_t> pairs_;
  std::vector<std::uint32_t> slots_;
};

// The automata side by side. `is_final` says with which labels a state stays as it is.
template <typename Combine, typename IsFinal>
Result<Dfa> side_by_side(const Dfa& a, const Dfa& b, const Combine& combine,
                         const IsFinal& is_final) {
  Dfa out;
  out.symbols = a.symbols;
  PairNumbers pairs;
  pairs.number(0, 0);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (i >= kMaxStates) {
      return Error{"the path rules together need too many states",
                   "use fewer rules with `**`, or split the policy"};
    }
    const std::uint32_t in_a = pairs.in_a(i);
    const std::uint32_t in_b = pairs.in_b(i);
    out.label.push_back(combine(a.label[in_a], b.label[in_b]));
    if (is_final(out.label.back())) {
      out.next.insert(out.next.end(), out.symbols, static_cast<std::uint32_t>(i));
      continue;
    }
    // Neighbours among the symbols mostly lead to one pair.
    std::uint32_t to_a = 0;
    std::uint32_t to_b = 0;
    std::uint32_t to = 0;
    for (Alphabet::Symbol symbol = 0; symbol < out.symbols; ++symbol) {
      const std::uint32_t next_a = a.step(in_a, symbol);
      const std::uint32_t next_b = b.step(in_b, symbol);
      if (next_a != to_a || next_b != to_b || symbol == 0) to = pairs.number(next_a, next_b);
      to_a = next_a;
      to_b = next_b;
      out.next.push_back(to);
    }
  }
  return out;
}

}  // namespace

Result<Dfa> product(const Dfa& a, const Dfa& b, const std::function<Label(Label, Label)>& combine) {
  const Result<Dfa> out = side_by_side(a, b, combine, [](Label) { return false; });
  return out ? minimize(*out) : out;
}

Result<Dfa> unite(const Dfa& a, const Dfa& b, Label final_labels) {
  Result<Dfa> out = side_by_side(
      a, b, [](Label in_a, Label in_b) { return std::max(in_a, in_b); },
      [&](Label label) { return (label & final_labels) != 0; });
  constexpr std::uint64_t kTenths = 11;
  const bool multiplied = out && std::uint64_t{out->size()} * 10 > (a.size() + b.size()) * kTenths;
  return multiplied ? minimize(*out) : std::move(out);
}

}  // namespace srt::glob
