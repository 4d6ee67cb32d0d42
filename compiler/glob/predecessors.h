#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "compiler/glob/dfa.h"

namespace srt::glob {

/// An automaton as a graph that is walked backwards.
class Predecessors {
 public:
  static constexpr std::uint32_t kNowhere = UINT32_MAX;

  /// Of steps by those symbols alone that `counts` says yes to.
  template <typename Counts>
  Predecessors(const Dfa& dfa, Counts&& counts) : begin_(dfa.size() + std::size_t{1}) {
    std::vector<Alphabet::Symbol> symbols;
    for (Alphabet::Symbol symbol = 0; symbol < dfa.symbols; ++symbol) {
      if (counts(symbol)) symbols.push_back(symbol);
    }
    // Neighbours among the symbols mostly lead to one state, which is noted once.
    const auto for_steps = [&](auto&& visit) {
      for (std::uint32_t state = 0; state < dfa.size(); ++state) {
        std::uint32_t last = kNowhere;
        for (const Alphabet::Symbol symbol : symbols) {
          const std::uint32_t to = dfa.step(state, symbol);
          if (to != last) visit(state, to);
          last = to;
        }
      }
    };
    for_steps([&](std::uint32_t /*from*/, std::uint32_t to) { ++begin_[to]; });
    for (std::size_t i = 1; i < begin_.size(); ++i) begin_[i] += begin_[i - 1];
    from_.resize(begin_.back());
    for_steps([&](std::uint32_t from, std::uint32_t to) { from_[--begin_[to]] = from; });
  }

  std::span<const std::uint32_t> of(std::uint32_t state) const {
    return {from_.data() + begin_[state], from_.data() + begin_[state + 1]};
  }

  struct Nearest {
    std::uint32_t distance = kNowhere;  ///< in steps
    std::uint32_t goal = kNowhere;
  };

  /// For each state the goal to which the fewest steps lead; of several the first in the list.
  std::vector<Nearest> nearest(std::vector<std::uint32_t> goals) const {
    std::vector<Nearest> out(begin_.size() - 1);
    for (const std::uint32_t goal : goals) out[goal] = {0, goal};
    std::vector<std::uint32_t>& work = goals;
    for (std::size_t i = 0; i < work.size(); ++i) {
      const std::uint32_t to = work[i];
      for (const std::uint32_t from : of(to)) {
        if (out[from].distance != kNowhere) continue;
        out[from] = {out[to].distance + 1, out[to].goal};
        work.push_back(from);
      }
    }
    return out;
  }

  /// For each state whether some steps lead to one that `is_goal` says yes to.
  template <typename IsGoal>
  std::vector<bool> lead_to(IsGoal&& is_goal) const {
    std::vector<std::uint32_t> goals;
    for (std::uint32_t state = 0; state + 1 < begin_.size(); ++state) {
      if (is_goal(state)) goals.push_back(state);
    }
    std::vector<bool> out;
    out.reserve(begin_.size() - 1);
    for (const Nearest& nearest : this->nearest(std::move(goals))) {
      out.push_back(nearest.distance != kNowhere);
    }
    return out;
  }

 private:
  std::vector<std::uint32_t> begin_;  // by state: where its predecessors begin in `from_`
  std::vector<std::uint32_t> from_;
};

}  // namespace srt::glob
