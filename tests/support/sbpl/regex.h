#pragma once

#include <array>
#include <bitset>
#include <map>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

namespace srt::test::sbpl {

/// A regex of the dialect as an automaton, made as far as texts need it: the same as `regcomp` with
/// `REG_EXTENDED`, over bytes, in a fraction of the time.
class Regex {
 public:
  static Result<Regex> compile(std::string_view text);

  /// Whether a part of `subject` matches.
  bool matches(std::string_view subject) const;

 private:
  friend class RegexParser;

  // What is read: the bytes of the subject between a mark for its beginning and one for its end.
  static constexpr std::size_t kBegin = 256;
  static constexpr std::size_t kEnd = 257;
  static constexpr std::size_t kSymbols = 258;
  using Symbols = std::bitset<kSymbols>;
  using States = std::vector<int>;

  struct State {
    Symbols symbols = {};  // on which it goes on to `next`; none: at once
    std::vector<int> next = {};
  };
  struct Step {
    States states;
    std::array<int, kSymbols> next;  // -1 where it is not known yet
    bool is_match;
  };

  int add(Symbols symbols, std::vector<int> next);
  int step_of(States states) const;
  int follow(int from, std::size_t symbol) const;

  std::vector<State> states_;
  int accept_ = 0;
  mutable std::vector<Step> steps_;
  mutable std::map<States, int> known_;
};

}  // namespace srt::test::sbpl
