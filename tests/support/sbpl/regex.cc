#include "tests/support/sbpl/regex.h"

#include <algorithm>
#include <string>

namespace srt::test::sbpl {

/// Reads alternatives, sequences and counts; each piece is made with the state that follows it,
/// from the last to the first.
class RegexParser {
 public:
  RegexParser(std::string_view text, Regex& out) : text_(text), out_(out) {}

  struct Failure {};

  int run() {
    const int start = alternatives(out_.accept_, true);
    if (at_ != text_.size()) throw Failure{};
    return start;
  }

 private:
  using Symbols = Regex::Symbols;

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  char take() {
    if (at_ == text_.size()) throw Failure{};
    return text_[at_++];
  }

  // Reads without making states where `make` is false, to find where a piece ends.
  int alternatives(int next, bool make) {
    std::vector<int> starts = {sequence(next, make)};
    while (peek() == '|') {
      ++at_;
      starts.push_back(sequence(next, make));
    }
    return !make || starts.size() == 1 ? starts[0] : out_.add({}, starts);
  }

  int sequence(int next, bool make) {
    struct Piece {
      std::size_t begin;
      char count;
    };
    std::vector<Piece> pieces;
    while (at_ < text_.size() && peek() != '|' && peek() != ')') {
      const std::size_t begin = at_;
      atom(next, false);
      const char count = peek();
      const bool is_count = count == '*' || count == '+' || count == '?';
      if (is_count) ++at_;
      pieces.push_back({begin, is_count ? count : '1'});
    }
    if (pieces.empty()) throw Failure{};  // POSIX does not say what an empty alternative is
    const std::size_t end = at_;
    for (auto piece = pieces.rbegin(); make && piece != pieces.rend(); ++piece) {
      at_ = piece->begin;
      next = counted(piece->count, next);
    }
    at_ = end;
    return next;
  }

  int counted(char count, int next) {
    if (count == '1') return atom(next, true);
    if (count == '?') return out_.add({}, {atom(next, true), next});
    const int again = out_.add({}, {});
    const int once = atom(again, true);
    out_.states_[static_cast<std::size_t>(again)].next = {once, next};
    return count == '+' ? once : again;
  }

  int atom(int next, bool make) {
    const char c = take();
    if (c == '(') {
      const int start = alternatives(next, make);
      if (take() != ')') throw Failure{};
      return start;
    }
    Symbols symbols;
    if (c == '[') {
      symbols = bracket();
    } else if (c == '^') {
      symbols.set(Regex::kBegin);
    } else if (c == '$') {
      symbols.set(Regex::kEnd);
    } else if (c == '.') {
      symbols = all_bytes();
    } else if (c == '*' || c == '+' || c == '?' || c == '{') {
      throw Failure{};
    } else {
      symbols.set(static_cast<unsigned char>(c == '\\' ? take() : c));
    }
    return make ? out_.add(symbols, {next}) : next;
  }

  static Symbols all_bytes() {
    Symbols out;
    for (std::size_t byte = 1; byte < Regex::kBegin; ++byte) out.set(byte);
    return out;
  }

  Symbols bracket() {
    const bool negated = peek() == '^';
    if (negated) ++at_;
    Symbols members;
    for (bool first = true; first || peek() != ']'; first = false) {
      const auto from = static_cast<unsigned char>(take());
      auto to = from;
      if (peek() == '-' && at_ + 1 < text_.size() && text_[at_ + 1] != ']') {
        ++at_;
        to = static_cast<unsigned char>(take());
      }
      for (std::size_t byte = from; byte <= to; ++byte) members.set(byte);
    }
    ++at_;
    return negated ? all_bytes() & ~members : members;
  }

  std::string_view text_;
  Regex& out_;
  std::size_t at_ = 0;
};

int Regex::add(Symbols symbols, std::vector<int> next) {
  states_.push_back({symbols, std::move(next)});
  return static_cast<int>(states_.size()) - 1;
}

Result<Regex> Regex::compile(std::string_view text) {
  Regex out;
  out.accept_ = out.add({}, {});
  try {
    const int start = RegexParser(text, out).run();
    out.step_of({start});
  } catch (const RegexParser::Failure&) {
    return Error{"bad regex `" + std::string(text) + "`"};
  }
  return out;
}

int Regex::step_of(States states) const {
  std::vector<bool> seen(states_.size());
  for (const int state : states) seen[static_cast<std::size_t>(state)] = true;
  for (std::size_t i = 0; i < states.size(); ++i) {
    const State& state = states_[static_cast<std::size_t>(states[i])];
    if (state.symbols.any()) continue;
    for (const int next : state.next) {
      if (seen[static_cast<std::size_t>(next)]) continue;
      seen[static_cast<std::size_t>(next)] = true;
      states.push_back(next);
    }
  }
  std::sort(states.begin(), states.end());
  const auto [known, is_new] = known_.try_emplace(states, static_cast<int>(steps_.size()));
  if (is_new) {
    const bool is_match = std::binary_search(states.begin(), states.end(), accept_);
    steps_.push_back({std::move(states), {}, is_match});
    steps_.back().next.fill(-1);
  }
  return known->second;
}

int Regex::follow(int from, std::size_t symbol) const {
  const int known = steps_[static_cast<std::size_t>(from)].next[symbol];
  if (known >= 0) return known;
  States out = steps_[0].states;  // a match may begin anywhere
  for (const int state : steps_[static_cast<std::size_t>(from)].states) {
    if (!states_[static_cast<std::size_t>(state)].symbols[symbol]) continue;
    const int next = states_[static_cast<std::size_t>(state)].next[0];
    if (std::find(out.begin(), out.end(), next) == out.end()) out.push_back(next);
  }
  const int made = step_of(std::move(out));
  steps_[static_cast<std::size_t>(from)].next[symbol] = made;
  return made;
}

bool Regex::matches(std::string_view subject) const {
  // Twice, for two assertions of one place.
  int step = follow(follow(0, kBegin), kBegin);
  for (const char c : subject) {
    if (steps_[static_cast<std::size_t>(step)].is_match) return true;
    step = follow(step, static_cast<unsigned char>(c));
  }
  for (int times = 0; times < 2 && !steps_[static_cast<std::size_t>(step)].is_match; ++times) {
    step = follow(step, kEnd);
  }
  return steps_[static_cast<std::size_t>(step)].is_match;
}

}  // namespace srt::test::sbpl
