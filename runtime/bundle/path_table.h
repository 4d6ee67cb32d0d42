#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/operation.h"

namespace srt {

/// Effective access to a path: each level includes those before it.
enum class Access : std::uint8_t { none, read, write };

constexpr std::string_view to_string(Access access) {
  return access == Access::none ? "none" : access == Access::read ? "read" : "write";
}

/// The path rules of a policy as automata that read a path side by side: its bytes, and for each
/// anchor a mark where that anchor's directory ends. The root directory is the empty word.
///
/// A lane holds rules of one operation and effect between which no rule of the other effect stands,
/// so that it does not matter which of them is the last to match; of each operation the lane with
/// the last rules comes first, and the first lane in which some rule matches decides. Lanes keep
/// apart what would multiply in one automaton: rules from different anchors, and the names that one
/// group of rules looks for inside the places that another one names.
///
/// The compiler builds it, the bundle carries it, `explain` and the launcher's walk ask it.
struct PathTable {
  using State = std::uint16_t;

  static constexpr std::uint32_t kNoRule = UINT32_MAX;  ///< the operation's default decides

  /// What can still happen on a path that goes on without another mark.
  enum class Outlook : std::uint8_t {
    never,   ///< no rule of the lane matches, here or further on
    always,  ///< some rule of it matches here and whatever follows
    open,    ///< that depends
  };

  struct Lane {
    Operation operation;
    Effect effect;
    std::vector<State> next;          ///< next[state * (class_count + mark_count) + symbol]
    std::vector<std::uint32_t> rule;  ///< per state: a rule that matches here, or kNoRule
    std::vector<Outlook> outlook;     ///< per state
  };

  /// Where the automata are: a state for each lane.
  using Position = std::vector<State>;

  /// What the rules say of one path.
  struct Verdict {
    Access access;
    std::uint32_t read_rule;   ///< a deciding rule, or kNoRule for the default
    std::uint32_t write_rule;  ///< likewise

    /// The rule behind `access`: that of the read level where it is what stops.
    std::uint32_t rule() const { return access == Access::none ? read_rule : write_rule; }
  };

  /// The least and the most access of all paths that go on from somewhere without another mark.
  struct Range {
    Access lowest;
    Access highest;

    bool is_single() const { return lowest == highest; }
  };

  std::array<std::uint8_t, 256> classes{};
  std::uint32_t class_count = 0;
  std::uint32_t mark_count = 0;
  std::array<Effect, 2> defaults{};  ///< of read and write
  std::vector<Lane> lanes;

  Position start() const { return Position(lanes.size(), 0); }

  void step(Position& position, unsigned char byte) const { advance(position, classes[byte]); }
  void mark(Position& position, std::uint32_t anchor) const {
    advance(position, class_count + anchor);
  }
  /// Reads `bytes` without any mark.
  void read(Position& position, std::string_view bytes) const {
    for (const char c : bytes) step(position, static_cast<unsigned char>(c));
  }
  State next(const Lane& lane, State from, unsigned char byte) const {
    return lane.next[std::size_t{from} * (class_count + mark_count) + classes[byte]];
  }

  /// Where `path` ends with these anchors' directories (the root directory is "", in both).
  Position find(std::string_view path, const std::vector<std::string>& anchors) const;

  Verdict verdict(const Position& position) const;
  Range range(const Position& position) const;

  /// Decides as `verdict` does, with the rule of each lane (or kNoRule) given by `rule_of(i)`.
  template <typename F>
  Verdict decide(F&& rule_of) const;

  /// Nothing when all numbers are in range, else what is wrong. A table from a file is only used
  /// after this.
  std::optional<std::string> flaw(std::size_t rule_count) const;

 private:
  void advance(Position& position, std::uint32_t symbol) const {
    const std::size_t symbols = std::size_t{class_count} + mark_count;
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      position[i] = lanes[i].next[position[i] * symbols + symbol];
    }
  }
};

template <typename F>
PathTable::Verdict PathTable::decide(F&& rule_of) const {
  std::array<std::uint32_t, 2> rules = {kNoRule, kNoRule};
  std::array<Effect, 2> effects = defaults;
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    const auto operation = static_cast<std::size_t>(lanes[i].operation);
    if (rules[operation] != kNoRule) continue;
    rules[operation] = rule_of(i);
    if (rules[operation] != kNoRule) effects[operation] = lanes[i].effect;
  }
  const Access access = effects[0] == Effect::deny    ? Access::none
                        : effects[1] == Effect::allow ? Access::write
                                                      : Access::read;
  return {access, rules[0], rules[1]};
}

}  // namespace srt
