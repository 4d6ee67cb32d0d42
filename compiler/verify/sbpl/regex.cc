#include "compiler/verify/sbpl/regex.h"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>
#include <map>
#include <utility>

namespace srt::verify::sbpl {
namespace {

using Bytes = std::bitset<256>;
using Node = std::uint32_t;

// What one pattern may take; those of profiles take some tens.
constexpr std::size_t kMaxNodes = 20'000;
constexpr std::size_t kMaxSubsets = glob::kMaxPatternStates;
constexpr std::size_t kMaxGroups = 100;

struct Nfa {
  enum class Test : std::uint8_t { none, begin, end };
  struct Free {
    Node to;
    Test test;
  };
  struct Step {
    Bytes bytes;
    Node to;
  };
  std::vector<std::vector<Free>> free;
  std::vector<std::vector<Step>> steps;

  Node add() {
    free.emplace_back();
    steps.emplace_back();
    return static_cast<Node>(free.size() - 1);
  }
};

// A part of the automaton: what it takes to get from one node to the other.
struct Part {
  Node from;
  Node to;
};

class Parser {
 public:
  Parser(std::string_view text, Nfa& nfa) : text_(text), nfa_(nfa) {}

  Result<Part> run() {
    const Part out = alternatives();
    if (problem_.empty() && at_ < text_.size()) fail("a `)` that nothing opens");
    if (!problem_.empty()) return Error{problem_};
    return out;
  }

 private:
  void fail(std::string_view what) {
    if (problem_.empty()) {
      problem_ = fmt::format("byte {} of the regex `{}`: {}", at_ + 1, text_, what);
    }
    at_ = text_.size();
  }

  bool is_at(char c) const { return at_ < text_.size() && text_[at_] == c; }

  Part alternatives() {
    Part out = {nfa_.add(), nfa_.add()};
    for (;;) {
      const Part one = sequence();
      nfa_.free[out.from].push_back({one.from, Nfa::Test::none});
      nfa_.free[one.to].push_back({out.to, Nfa::Test::none});
      if (!is_at('|')) return out;
      ++at_;
    }
  }

  Part sequence() {
    const Node from = nfa_.add();
    Node to = from;
    bool is_empty = true;
    while (at_ < text_.size() && !is_at('|') && !is_at(')')) {
      const Part one = repeated();
      if (nfa_.free.size() > kMaxNodes) fail("it is too long");
      nfa_.free[to].push_back({one.from, Nfa::Test::none});
      to = one.to;
      is_empty = false;
    }
    if (is_empty) fail("an alternative without text");
    return {from, to};
  }

  Part repeated() {
    const bool is_test = is_at('^') || is_at('$');
    Part out = atom();
    if (at_ == text_.size()) return out;
    const char how = text_[at_];
    if (how != '*' && how != '+' && how != '?') return out;
    if (is_test) fail("a repeated `^` or `$`");
    ++at_;
    if (is_at('*') || is_at('+') || is_at('?')) fail("a repetition of a repetition");
    const Part whole = {nfa_.add(), nfa_.add()};
    nfa_.free[whole.from].push_back({out.from, Nfa::Test::none});
    nfa_.free[out.to].push_back({whole.to, Nfa::Test::none});
    if (how != '+') nfa_.free[whole.from].push_back({whole.to, Nfa::Test::none});
    if (how != '?') nfa_.free[out.to].push_back({out.from, Nfa::Test::none});
    return whole;
  }

  Part atom() {
    const char c = text_[at_];
    switch (c) {
      case '(':
        return group();
      case '[':
        return bracket();
      case '^':
      case '$': {
        ++at_;
        const Part out = {nfa_.add(), nfa_.add()};
        nfa_.free[out.from].push_back({out.to, c == '^' ? Nfa::Test::begin : Nfa::Test::end});
        return out;
      }
      case '\\':
        return escaped();
      case '*':
      case '+':
      case '?':
        fail("a repetition of nothing");
        break;
      case '{':
      case '.':
        fail(fmt::format("`{}` is outside the dialect", c));
        break;
      default:
        break;
    }
    if (at_ < text_.size()) ++at_;
    return one_of(Bytes().set(static_cast<unsigned char>(c)));
  }

  Part one_of(const Bytes& bytes) {
    const Part out = {nfa_.add(), nfa_.add()};
    nfa_.steps[out.from].push_back({bytes, out.to});
    return out;
  }

  Part group() {
    if (++groups_ > kMaxGroups) fail("too many groups");
    ++at_;
    const Part out = alternatives();
    if (!is_at(')')) fail("a `(` that nothing closes");
    if (at_ < text_.size()) ++at_;
    return out;
  }

  Part escaped() {
    const char c = at_ + 1 < text_.size() ? text_[at_ + 1] : 'a';
    if (std::string_view("\\.[](){}*+?^$|/-").find(c) == std::string_view::npos) {
      fail("a `\\` before what is no syntax");
      return one_of({});
    }
    at_ += 2;
    return one_of(Bytes().set(static_cast<unsigned char>(c)));
  }

  Part bracket() {
    ++at_;
    const bool is_negated = is_at('^');
    if (is_negated) ++at_;
    Bytes bytes;
    for (bool is_first = true; !is_at(']') || is_first; is_first = false) {
      if (at_ == text_.size()) {
        fail("a `[` that nothing closes");
        return one_of({});
      }
      const char c = text_[at_];
      const bool is_name = c == '[' && at_ + 1 < text_.size() &&
                           std::string_view(":.=").find(text_[at_ + 1]) != std::string_view::npos;
      if (c == '\\' || is_name) {
        fail("a bracket expression with names or escapes");
        return one_of({});
      }
      const bool is_range =
          at_ + 2 < text_.size() && text_[at_ + 1] == '-' && text_[at_ + 2] != ']';
      const auto first = static_cast<unsigned char>(c);
      const auto last = static_cast<unsigned char>(is_range ? text_[at_ + 2] : c);
      if (last < first) {
        fail("a range that ends before it begins");
        return one_of({});
      }
      for (unsigned byte = first; byte <= last; ++byte) bytes.set(byte);
      at_ += is_range ? 3 : 1;
    }
    ++at_;
    return one_of(is_negated ? ~bytes : bytes);
  }

  std::string_view text_;
  Nfa& nfa_;
  std::size_t at_ = 0;
  std::size_t groups_ = 0;
  std::string problem_;
};

class Determinizer {
 public:
  Determinizer(const Nfa& nfa, Part whole, bool is_behind_mark)
      : nfa_(nfa), whole_(whole), is_behind_mark_(is_behind_mark) {
    classify();
  }

  Result<Automaton> run(std::optional<glob::AnchorId> anchor, std::size_t mark_count) {
    glob::Dfa dfa;
    const auto classes = static_cast<std::uint32_t>(representatives_.size());
    dfa.symbols = classes + (is_behind_mark_ ? 1 : 0);
    number(start());
    for (std::uint32_t state = 0; state < subsets_.size(); ++state) {
      if (state == kMaxSubsets) return Error{"a regex needs too many states"};
      const Subset from = subsets_[state];
      const Subset at_slash = step(from, '/');
      dfa.label.push_back((accepts(from) ? 1U : 0U) | (accepts(at_slash) ? 2U : 0U));
      for (const unsigned char byte : representatives_)
        dfa.next.push_back(number(step(from, byte)));
      if (is_behind_mark_) dfa.next.push_back(number(step_mark(from)));
    }
    std::vector<glob::AnchorId> marks;
    if (anchor) marks.push_back(*anchor);
    return Automaton(glob::minimize(dfa), class_of_, std::move(marks), mark_count);
  }

 private:
  // Sorted nodes; kWaiting is where the mark or a place to begin is still waited for.
  using Subset = std::vector<Node>;
  static constexpr Node kWaiting = UINT32_MAX;

  void classify() {
    std::map<std::pair<std::uint8_t, bool>, std::uint8_t> split;
    std::size_t count = 1;
    const auto refine = [&](const Bytes& bytes) {
      split.clear();
      std::array<std::uint8_t, 256> next{};
      for (unsigned byte = 0; byte < 256; ++byte) {
        next[byte] = split
                         .try_emplace({class_of_[byte], bytes[byte]},
                                      static_cast<std::uint8_t>(split.size()))
                         .first->second;
      }
      class_of_ = next;
      count = split.size();
    };
    std::vector<Bytes> known;
    known.push_back(Bytes().set('/'));
    for (const auto& steps : nfa_.steps) {
      for (const Nfa::Step& step : steps) {
        if (std::find(known.begin(), known.end(), step.bytes) == known.end()) {
          known.push_back(step.bytes);
        }
      }
    }
    for (const Bytes& bytes : known) refine(bytes);
    representatives_.resize(count);
    for (unsigned byte = 255; byte > 0; --byte) {
      representatives_[class_of_[byte]] = static_cast<unsigned char>(byte);
    }
  }

  Subset start() const {
    if (is_behind_mark_) return {kWaiting};
    Subset out = closure({whole_.from}, true, false);
    out.push_back(kWaiting);
    return settled(std::move(out));
  }

  Subset closure(Subset nodes, bool is_begin, bool is_end) const {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (nodes[i] == kWaiting) continue;
      for (const Nfa::Free& free : nfa_.free[nodes[i]]) {
        if (free.test == Nfa::Test::begin && !is_begin) continue;
        if (free.test == Nfa::Test::end && !is_end) continue;
        if (std::find(nodes.begin(), nodes.end(), free.to) == nodes.end()) {
          nodes.push_back(free.to);
        }
      }
    }
    return nodes;
  }

  // What was found stays found.
  Subset settled(Subset nodes) const {
    if (std::find(nodes.begin(), nodes.end(), whole_.to) != nodes.end()) return {whole_.to};
    std::sort(nodes.begin(), nodes.end());
    nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
    return nodes;
  }

  Subset step(const Subset& from, unsigned char byte) const {
    if (from == Subset{whole_.to}) return from;
    Subset out;
    for (const Node node : from) {
      if (node == kWaiting) {
        out.push_back(kWaiting);
        if (!is_behind_mark_) out.push_back(whole_.from);
        continue;
      }
      for (const Nfa::Step& step : nfa_.steps[node]) {
        if (step.bytes[byte]) out.push_back(step.to);
      }
    }
    return settled(closure(std::move(out), false, false));
  }

  Subset step_mark(const Subset& from) const {
    if (from == Subset{whole_.to}) return from;
    if (from != Subset{kWaiting}) return {};
    return settled(closure({whole_.from}, false, false));
  }

  bool accepts(const Subset& at) const {
    const Subset all = closure(at, false, true);
    return std::find(all.begin(), all.end(), whole_.to) != all.end();
  }

  std::uint32_t number(Subset subset) {
    const auto [entry, added] =
        numbers_.try_emplace(std::move(subset), static_cast<std::uint32_t>(subsets_.size()));
    if (added) subsets_.push_back(entry->first);
    return entry->second;
  }

  const Nfa& nfa_;
  Part whole_;
  bool is_behind_mark_;
  std::array<std::uint8_t, 256> class_of_{};
  std::vector<unsigned char> representatives_;
  std::map<Subset, std::uint32_t> numbers_;
  std::vector<Subset> subsets_;
};

}  // namespace

Result<Automaton> compile_regex(std::optional<glob::AnchorId> anchor, std::string_view text,
                                std::size_t mark_count) {
  Nfa nfa;
  const Result<Part> whole = Parser(text, nfa).run();
  if (!whole) return whole.error();
  return Determinizer(nfa, *whole, anchor.has_value()).run(anchor, mark_count);
}

}  // namespace srt::verify::sbpl
