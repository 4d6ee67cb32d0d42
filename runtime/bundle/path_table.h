#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/effect.h"

namespace srt {

/// Effective access to a path: each level includes those before it.
enum class Access : std::uint8_t { none, read, write };

constexpr std::string_view to_string(Access access) {
  return access == Access::none ? "none" : access == Access::read ? "read" : "write";
}

/// The path rules of a policy as one automaton. It reads a path's bytes, and for each anchor a mark
/// where that anchor's directory ends; the state it ends in says which rule decides about reading
/// and which about writing. The root directory is the empty word.
///
/// The compiler builds it, the bundle carries it, `explain` and the launcher's walk ask it.
struct PathTable {
  using State = std::uint16_t;

  static constexpr State kStart = 0;
  static constexpr std::uint32_t kNoRule = UINT32_MAX;  ///< the operation's default decides

  std::array<std::uint8_t, 256> classes{};
  std::uint32_t class_count = 0;
  std::uint32_t mark_count = 0;
  std::vector<State> next;                ///< next[state * (class_count + mark_count) + symbol]
  std::vector<std::uint32_t> read_rule;   ///< per state: the last `read` rule that matches
  std::vector<std::uint32_t> write_rule;  ///< per state: the last `write` rule that matches
  std::vector<Access> access;             ///< per state: what these rules come to
  /// Per state: the least and the most access of all paths that go on from here without another
  /// mark, this one included.
  std::vector<Access> lowest;
  std::vector<Access> highest;
  /// Per state: 1 where the same two rules decide about all of those paths.
  std::vector<std::uint8_t> constant;

  std::uint32_t state_count() const { return static_cast<std::uint32_t>(access.size()); }

  State step(State from, unsigned char byte) const { return at(from, classes[byte]); }
  State mark(State from, std::uint32_t anchor) const { return at(from, class_count + anchor); }

  bool same_rules(State a, State b) const {
    return read_rule[a] == read_rule[b] && write_rule[a] == write_rule[b];
  }

  /// Reads `bytes` without any mark.
  State read(State from, std::string_view bytes) const {
    for (const char c : bytes) from = step(from, static_cast<unsigned char>(c));
    return from;
  }

  /// Where `path` ends with these anchors' directories (the root directory is "", in both).
  State find(std::string_view path, const std::vector<std::string>& anchors) const;

  /// Nothing when all numbers are in range, else what is wrong. A table from a file is only used
  /// after this.
  std::optional<std::string> flaw(std::size_t rule_count) const;

 private:
  State at(State from, std::uint32_t symbol) const {
    return next[std::size_t{from} * (class_count + mark_count) + symbol];
  }
};

}  // namespace srt
