#include "compiler/verify/lane_proof.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace srt::verify {
namespace {

using Lane = PathTable::Lane;
using State = PathTable::State;

// The rules of one lane are alike in this.
struct RuleKind {
  std::size_t place;
  Effect effect;
  bool existing;

  friend bool operator==(const RuleKind&, const RuleKind&) = default;
};

RuleKind kind_of(const PathRule& rule) { return {rule.place, rule.effect, rule.existing}; }

// A lane as a graph that can be walked backwards.
class Backwards {
 public:
  Backwards(const PathTable& table, const Lane& lane) : before_(lane.rule.size()) {
    const std::size_t symbols = std::size_t{table.class_count} + table.mark_count;
    std::vector<bool> has_byte(symbols);
    for (unsigned byte = 1; byte < 256; ++byte) has_byte[table.classes[byte]] = true;
    bytes_before_.resize(before_.size());
    for (std::size_t state = 0; state < before_.size(); ++state) {
      for (std::size_t symbol = 0; symbol < symbols; ++symbol) {
        const State next = lane.next[state * symbols + symbol];
        const bool is_mark = symbol >= table.class_count;
        if (!is_mark && !has_byte[symbol]) continue;
        add(before_[next], state);
        if (!is_mark) add(bytes_before_[next], state);
      }
    }
  }

  // The states from which bytes, and marks where `marks` says so, lead to one that is `wanted`.
  template <typename F>
  std::vector<bool> reaching(bool marks, F&& wanted) const {
    std::vector<bool> out(before_.size());
    std::vector<State> work;
    for (std::size_t state = 0; state < out.size(); ++state) {
      if (!wanted(state)) continue;
      out[state] = true;
      work.push_back(static_cast<State>(state));
    }
    while (!work.empty()) {
      const State state = work.back();
      work.pop_back();
      for (const State from : (marks ? before_ : bytes_before_)[state]) {
        if (out[from]) continue;
        out[from] = true;
        work.push_back(from);
      }
    }
    return out;
  }

 private:
  static void add(std::vector<State>& to, std::size_t state) {
    if (to.empty() || to.back() != state) to.push_back(static_cast<State>(state));
  }

  std::vector<std::vector<State>> before_;
  std::vector<std::vector<State>> bytes_before_;
};

class Prover {
 public:
  explicit Prover(const PathSides& sides) : sides_(sides), table_(sides.table()) {}

  LaneProof run() {
    const bool holds =
        check_defaults() && place_labelled() && check_lanes() && place_others() && check_order();
    if (holds) out_.gap.clear();
    return std::move(out_);
  }

 private:
  struct Placed {
    RuleKind kind;
    std::vector<std::size_t> rules;  // indices in sides_.rules(), ascending once all are placed
  };

  bool fail(std::string gap) {
    if (out_.gap.empty()) out_.gap = std::move(gap);
    return false;
  }

  bool check_defaults() {
    for (std::size_t place = 0; place < table_.defaults.size(); ++place) {
      if (place != 0 && sides_.operation_at(place) == sides_.operation_at(0)) continue;
      if (table_.defaults[place] != sides_.policy().default_of(sides_.operation_at(place))) {
        return fail(
            fmt::format("the default of {} is another one", to_string(sides_.operation_at(place))));
      }
    }
    return true;
  }

  // The rules that a lane's states name are in it.
  bool place_labelled() {
    std::unordered_map<std::size_t, std::size_t> by_index;
    for (std::size_t i = 0; i < sides_.rules().size(); ++i) by_index[sides_.rules()[i].index] = i;
    lane_of_.resize(sides_.rules().size());
    for (std::size_t l = 0; l < table_.lanes.size(); ++l) {
      const Lane& lane = table_.lanes[l];
      std::vector<std::size_t> rules;
      for (const std::uint32_t label : lane.rule) {
        if (label == PathTable::kNoRule) continue;
        const auto known = by_index.find(label);
        if (known == by_index.end()) return fail(not_a_rule(label));
        rules.push_back(known->second);
      }
      std::sort(rules.begin(), rules.end());
      rules.erase(std::unique(rules.begin(), rules.end()), rules.end());
      if (rules.empty()) {
        placed_.push_back({{static_cast<std::size_t>(lane.operation), lane.effect, false}, {}});
        continue;
      }
      const RuleKind kind = kind_of(sides_.rules()[rules.front()]);
      for (const std::size_t i : rules) {
        const PathRule& rule = sides_.rules()[i];
        const Bundle::Rule& stored = sides_.labelled(static_cast<std::uint32_t>(rule.index));
        const bool is_of_lane = kind_of(rule) == kind &&
                                kind.place == static_cast<std::size_t>(lane.operation) &&
                                kind.effect == lane.effect;
        const bool is_same = stored.effect == rule.effect && stored.existing == rule.existing &&
                             stored.operation == sides_.policy().rules[rule.index].operation;
        if (!is_of_lane || !is_same) {
          return fail(not_a_rule(static_cast<std::uint32_t>(rule.index)));
        }
        if (lane_of_[i]) return fail("a rule is in two lanes");
        lane_of_[i] = l;
      }
      placed_.push_back({kind, std::move(rules)});
    }
    return true;
  }

  std::string not_a_rule(std::uint32_t label) const {
    return fmt::format("`{}` of the bundle is not the policy's rule of that number",
                       sides_.labelled(label).text);
  }

  bool check_lanes() {
    for (std::size_t l = 0; l < table_.lanes.size(); ++l) {
      const Backwards backwards(table_, table_.lanes[l]);
      if (!check_outlook(table_.lanes[l], backwards)) return false;
      for (const std::size_t i : placed_[l].rules) {
        if (!check_rule(sides_.rules()[i], table_.lanes[l], &backwards)) return false;
      }
    }
    return true;
  }

  bool check_outlook(const Lane& lane, const Backwards& backwards) {
    const auto is_bare = [&](std::size_t state) { return lane.rule[state] == PathTable::kNoRule; };
    const std::vector<bool> to_rule =
        backwards.reaching(false, [&](std::size_t state) { return !is_bare(state); });
    const std::vector<bool> to_none = backwards.reaching(false, is_bare);
    for (std::size_t state = 0; state < lane.rule.size(); ++state) {
      const bool is_wrong = (lane.outlook[state] == PathTable::Outlook::never && to_rule[state]) ||
                            (lane.outlook[state] == PathTable::Outlook::always && to_none[state]);
      out_.misleads |= is_wrong;
      if (is_wrong) return fail("a lane misleads the walk about what lies further down");
    }
    return true;
  }

  // Rules that no state names, since others of their lane cover them.
  bool place_others() {
    for (std::size_t i = 0; i < sides_.rules().size(); ++i) {
      const PathRule& rule = sides_.rules()[i];
      if (lane_of_[i] || !rule.live[0]) continue;
      for (std::size_t l = 0; l < placed_.size() && !lane_of_[i]; ++l) {
        if (placed_[l].rules.empty() || !(placed_[l].kind == kind_of(rule)) || !has_room(l, i)) {
          continue;
        }
        if (check_rule(rule, table_.lanes[l], nullptr)) {
          lane_of_[i] = l;
          out_ = {};
        }
      }
      if (!lane_of_[i]) {
        return fail(fmt::format("no part of the table stands for `{}`",
                                sides_.policy().rules[rule.index].text));
      }
    }
    for (std::size_t i = 0; i < lane_of_.size(); ++i) {
      if (lane_of_[i]) placed_[*lane_of_[i]].rules.push_back(i);
    }
    for (Placed& placed : placed_) {
      std::sort(placed.rules.begin(), placed.rules.end());
      placed.rules.erase(std::unique(placed.rules.begin(), placed.rules.end()), placed.rules.end());
    }
    return true;
  }

  // Whether rule `i` in lane `l` keeps the order of the lanes.
  bool has_room(std::size_t l, std::size_t i) const {
    for (std::size_t other = 0; other < placed_.size(); ++other) {
      const Placed& there = placed_[other];
      if (there.rules.empty() || there.kind.place != placed_[l].kind.place ||
          there.kind == placed_[l].kind) {
        continue;
      }
      if (other < l ? there.rules.front() < i : there.rules.back() > i) return false;
    }
    return true;
  }

  bool check_order() {
    for (std::size_t first = 0; first < placed_.size(); ++first) {
      for (std::size_t second = first + 1; second < placed_.size(); ++second) {
        const Placed& a = placed_[first];
        const Placed& b = placed_[second];
        if (a.rules.empty() || b.rules.empty()) continue;
        if (a.kind == b.kind || a.kind.place != b.kind.place) continue;
        if (a.rules.front() < b.rules.back()) return fail("the lanes are not in the rules' order");
      }
    }
    return true;
  }

  // Whether `lane` names some rule wherever `rule` matches, and `rule` only there. Walks both side
  // by side where either can still happen. With `backwards` the lane names the rule at all.
  bool check_rule(const PathRule& rule, const Lane& lane, const Backwards* backwards) {
    const std::vector<bool> names = backwards == nullptr
                                        ? std::vector<bool>()
                                        : backwards->reaching(true, [&](std::size_t state) {
                                            return lane.rule[state] == rule.index;
                                          });
    struct Node {
      State lane;
      std::uint32_t rule;
      Spelling spelling;
      std::size_t from;
      Letter letter;
    };
    const std::vector<Letter> letters = sides_.letters({&rule});
    std::vector<Node> nodes = {{0, 0, Spelling::root, 0, {0, false}}};
    std::unordered_map<std::uint64_t, bool> seen = {{0, true}};
    const auto word_to = [&](std::size_t at) {
      Word word;
      for (; at != 0; at = nodes[at].from) word.push_back(nodes[at].letter);
      std::reverse(word.begin(), word.end());
      return word;
    };
    bool holds = true;
    for (std::size_t at = 0; at < nodes.size(); ++at) {
      const Node node = nodes[at];
      const std::uint32_t label = lane.rule[node.lane];
      const bool matches = rule.matches(node.rule);
      if (is_path(node.spelling) &&
          ((matches && label == PathTable::kNoRule) || (!matches && label == rule.index))) {
        holds = fail(fmt::format("the table's part of `{}` is not what the rule matches",
                                 sides_.policy().rules[rule.index].text));
        if (backwards == nullptr) return false;
        const Word word = word_to(at);
        if (find_difference(sides_, word)) {
          out_.witness = word;
          return false;
        }
      }
      steps_ += letters.size();
      if (steps_ > kMaxProofSteps) {
        out_.is_unfinished = true;
        return fail("the proof takes too many steps");
      }
      for (const Letter letter : letters) {
        const Spelling spelling = verify::step(node.spelling, letter);
        if (spelling == Spelling::broken) continue;
        const std::uint32_t next = sides_.step(rule, node.rule, letter);
        const State next_lane = sides_.step(lane, node.lane, letter);
        if (!rule.live[next] && (names.empty() || !names[next_lane])) continue;
        const std::uint64_t key = std::uint64_t{next_lane} << 48 | std::uint64_t{next} << 8 |
                                  static_cast<std::uint64_t>(spelling);
        if (seen.try_emplace(key, true).second) {
          nodes.push_back({next_lane, next, spelling, at, letter});
        }
      }
    }
    return holds;
  }

  const PathSides& sides_;
  const PathTable& table_;
  std::vector<std::optional<std::size_t>> lane_of_;  // by place in sides_.rules()
  std::vector<Placed> placed_;                       // by lane
  std::size_t steps_ = 0;
  LaneProof out_;
};

}  // namespace

LaneProof prove_lanes(const PathSides& sides) { return Prover(sides).run(); }

}  // namespace srt::verify
