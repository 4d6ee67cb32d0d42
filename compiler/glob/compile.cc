// Pattern → nondeterministic automaton → deterministic one, by subsets.
//
// Paths are bytes, but `?` and `[…]` take a character: a UTF-8 sequence of the path, or a byte that
// is part of none. Whether a byte is part of one depends on its neighbours, so a deterministic
// state also holds the beginning of a character that is not complete yet.

#include <algorithm>
#include <array>
#include <bitset>
#include <map>
#include <string>
#include <tuple>

#include "compiler/glob/dfa.h"
#include "runtime/base/utf8.h"

namespace srt::glob {
namespace {

struct Edge {
  enum class Kind : std::uint8_t { byte, component_byte, any_byte, character };

  Kind kind;
  unsigned char byte = 0;             // of byte
  const CharacterSet* set = nullptr;  // of character; none means all
  std::uint32_t to = 0;
};

struct Node {
  std::vector<Edge> edges;
  std::vector<std::uint32_t> epsilon;
};

using Set = std::vector<std::uint32_t>;  // sorted node numbers

// The nondeterministic automaton of a pattern's atoms. Node 0 is the start, the last node accepts.
class Nfa {
 public:
  explicit Nfa(const PathPattern& pattern) {
    std::uint32_t at = add();
    if (pattern.anchor) {
      nodes_[at].edges.push_back({.kind = Edge::Kind::any_byte, .to = at});
      at = add();
    }
    for (const Atom& atom : pattern.atoms) at = append(atom, at);
  }

  bool counts_characters() const { return counts_characters_; }
  Set start() const { return closure({0}); }
  Set after_anchor() const { return closure({1}); }
  bool accepts(const Set& set) const {
    return std::binary_search(set.begin(), set.end(), nodes_.size() - 1);
  }

  // By the edges that read one byte.
  Set step_byte(const Set& from, unsigned char b) const {
    Set out;
    for_edges(from, [&](const Edge& edge) {
      const bool matches = edge.kind == Edge::Kind::any_byte ||
                           (edge.kind == Edge::Kind::component_byte && b != '/') ||
                           (edge.kind == Edge::Kind::byte && edge.byte == b);
      if (matches) out.push_back(edge.to);
    });
    return closure(std::move(out));
  }

  // The bytes that edges name.
  std::bitset<256> named(const Set& from) const {
    std::bitset<256> out;
    for_edges(from, [&](const Edge& edge) {
      if (edge.kind == Edge::Kind::byte) out.set(edge.byte);
    });
    return out;
  }

  // By the edges that read a whole character.
  Set step_character(const Set& from, CodePoint c) const {
    Set out;
    for_edges(from, [&](const Edge& edge) {
      if (edge.kind != Edge::Kind::character || c == '/') return;
      if (edge.set == nullptr || edge.set->contains(c)) out.push_back(edge.to);
    });
    return closure(std::move(out));
  }

  // Whether `step_character` gives the same for all of [from, to].
  bool alike(CodePoint from, CodePoint to) const {
    for (const Node& node : nodes_) {
      for (const Edge& edge : node.edges) {
        if (edge.set == nullptr) continue;
        for (const auto& [first, last] : edge.set->ranges) {
          const bool apart = last < from || to < first;
          const bool inside = first <= from && to <= last;
          if (!apart && !inside) return false;
        }
      }
    }
    return true;
  }

 private:
  std::uint32_t add() {
    nodes_.emplace_back();
    return static_cast<std::uint32_t>(nodes_.size() - 1);
  }

  std::uint32_t append_edge(Edge edge, std::uint32_t from) {
    edge.to = add();
    nodes_[from].edges.push_back(edge);
    return edge.to;
  }

  std::uint32_t append_bytes(const CharacterSet& set, std::uint32_t from) {
    const std::uint32_t to = add();
    for (const auto& [first, last] : set.ranges) {
      for (CodePoint c = first; c <= last; ++c) {
        const auto byte = static_cast<unsigned char>(c);
        nodes_[from].edges.push_back({.kind = Edge::Kind::byte, .byte = byte, .to = to});
      }
    }
    return to;
  }

  std::uint32_t append(const Atom& atom, std::uint32_t at) {
    switch (atom.kind) {
      case Atom::Kind::literal:
        for (const char c : atom.bytes) {
          at = append_edge({.kind = Edge::Kind::byte, .byte = static_cast<unsigned char>(c)}, at);
        }
        return at;
      case Atom::Kind::character:
        counts_characters_ = true;
        return append_edge({.kind = Edge::Kind::character}, at);
      case Atom::Kind::set:
        if (atom.set.is_ascii()) return append_bytes(atom.set, at);
        counts_characters_ = true;
        return append_edge({.kind = Edge::Kind::character, .set = &atom.set}, at);
      case Atom::Kind::run:
      case Atom::Kind::text: {
        const std::uint32_t loop = add();
        nodes_[at].epsilon.push_back(loop);
        const auto kind =
            atom.kind == Atom::Kind::run ? Edge::Kind::component_byte : Edge::Kind::any_byte;
        nodes_[loop].edges.push_back({.kind = kind, .to = loop});
        const std::uint32_t after = add();
        nodes_[loop].epsilon.push_back(after);
        return after;
      }
      case Atom::Kind::segments: {
        const std::uint32_t between = add();
        nodes_[at].epsilon.push_back(between);
        const std::uint32_t slash = append_edge({.kind = Edge::Kind::byte, .byte = '/'}, between);
        const std::uint32_t name = append_edge({.kind = Edge::Kind::component_byte}, slash);
        nodes_[name].edges.push_back({.kind = Edge::Kind::component_byte, .to = name});
        nodes_[name].epsilon.push_back(between);
        const std::uint32_t after = add();
        nodes_[between].epsilon.push_back(after);
        return after;
      }
    }
    return at;
  }

  template <typename F>
  void for_edges(const Set& from, F&& visit) const {
    for (const std::uint32_t node : from) {
      for (const Edge& edge : nodes_[node].edges) visit(edge);
    }
  }

  Set closure(Set set) const {
    for (std::size_t i = 0; i < set.size(); ++i) {
      for (const std::uint32_t to : nodes_[set[i]].epsilon) {
        if (std::find(set.begin(), set.end(), to) == set.end()) set.push_back(to);
      }
    }
    std::sort(set.begin(), set.end());
    set.erase(std::unique(set.begin(), set.end()), set.end());
    return set;
  }

  std::vector<Node> nodes_;
  bool counts_characters_ = false;
};

// The code points whose encoding begins with `prefix`, and how many bytes are missing; nothing when
// the prefix begins none or is complete.
struct Beginning {
  CodePoint first;
  CodePoint last;
  std::size_t missing;
};

std::optional<Beginning> beginning(const std::string& prefix) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(prefix[i]); };
  const unsigned char lead = byte(0);
  const std::size_t length = lead < 0xC2   ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
  if (prefix.size() >= length) return std::nullopt;
  CodePoint value = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < prefix.size(); ++i) {
    if ((byte(i) & 0xC0) != 0x80) return std::nullopt;
    value = value << 6 | (byte(i) & 0x3FU);
  }
  const std::size_t missing = length - prefix.size();
  const std::size_t bits = 6 * missing;
  CodePoint first = value << bits;
  CodePoint last = first | ((CodePoint{1} << bits) - 1);
  // Overlong forms, surrogates and values beyond U+10FFFF are no characters.
  if (length == 3) first = std::max<CodePoint>(first, 0x800);
  if (length == 4) first = std::max<CodePoint>(first, 0x10000);
  if (lead == 0xED) last = std::min<CodePoint>(last, 0xD7FF);
  last = std::min<CodePoint>(last, 0x10FFFF);
  if (first > last) return std::nullopt;
  return Beginning{first, last, missing};
}

// A deterministic state: where the automaton was when the last character ended, and the bytes since
// then, which begin a character that is not complete yet.
struct Subset {
  Set settled;
  std::string prefix;

  friend bool operator<(const Subset& a, const Subset& b) {
    return std::tie(a.settled, a.prefix) < std::tie(b.settled, b.prefix);
  }
};

class Determinizer {
 public:
  Determinizer(const PathPattern& pattern, const Alphabet& alphabet)
      : nfa_(pattern), anchor_(pattern.anchor), alphabet_(alphabet) {}

  Result<Dfa> run() {
    Dfa dfa;
    dfa.symbols = alphabet_.size();
    number({nfa_.start(), {}});
    for (std::uint32_t state = 0; state < subsets_.size(); ++state) {
      if (state >= kMaxPatternStates) {
        return Error{"a pattern needs too many states", "use fewer wildcards in one pattern"};
      }
      const Subset from = subsets_[state];
      dfa.label.push_back(nfa_.accepts(settle(from)) ? 1 : 0);
      if (nfa_.counts_characters()) {
        for (Alphabet::Symbol symbol = 0; symbol < alphabet_.size(); ++symbol) {
          dfa.next.push_back(number(step(from, symbol)));
        }
      } else {
        add_row(from, state, dfa);
      }
    }
    return minimize(dfa);
  }

 private:
  std::uint32_t number(Subset subset) {
    const auto [entry, added] =
        numbers_.try_emplace(std::move(subset), static_cast<std::uint32_t>(subsets_.size()));
    if (added) subsets_.push_back(entry->first);
    return entry->second;
  }

  // Of a state whose edges read bytes: most symbols lead where all bytes do that no edge names.
  void add_row(const Subset& from, std::uint32_t state, Dfa& dfa) {
    const std::size_t row = dfa.next.size();
    dfa.next.resize(row + alphabet_.size(), state);  // a mark of another pattern's leads nowhere
    std::bitset<256> named = nfa_.named(from.settled);
    named.set('/');
    named.set(0);
    std::optional<std::uint32_t> otherwise;
    for (Alphabet::Symbol symbol = 0; symbol < alphabet_.class_count(); ++symbol) {
      std::uint32_t& to = dfa.next[row + symbol];
      const unsigned char b = alphabet_.representative(symbol);
      if (named[b]) {
        to = number(step(from, symbol));
      } else {
        if (!otherwise) otherwise = number(step(from, symbol));
        to = *otherwise;
      }
    }
    if (anchor_) {
      const Alphabet::Symbol own = alphabet_.mark(*anchor_);
      dfa.next[row + own] = number(step(from, own));
    }
  }

  Subset step(const Subset& from, Alphabet::Symbol symbol) const {
    if (alphabet_.is_mark(symbol)) {
      // The pattern's own mark is where its atoms begin; every other mark stands anywhere.
      if (!anchor_ || alphabet_.mark(*anchor_) != symbol) return {settle(from), {}};
      const Set at = settle(from);
      const bool before = std::binary_search(at.begin(), at.end(), 0U);
      return {before ? nfa_.after_anchor() : Set{}, {}};
    }
    const unsigned char b = alphabet_.representative(symbol);
    if (b == 0) return {};
    if (!nfa_.counts_characters()) return {nfa_.step_byte(from.settled, b), {}};
    return read(from.settled, from.prefix + static_cast<char>(b));
  }

  // Reads `bytes`, of which all but the last began a character, from `at`.
  Subset read(Set at, std::string bytes) const {
    while (!bytes.empty()) {
      const Utf8Unit unit = decode_utf8(bytes, 0);
      if (unit.valid) {
        return {merge(read_bytes(at, bytes), nfa_.step_character(at, unit.code_point)), {}};
      }
      if (beginning(bytes)) return {at, plain_prefix(at, std::move(bytes))};
      at = read_stray(at, static_cast<unsigned char>(bytes[0]));
      bytes.erase(0, 1);
    }
    return {std::move(at), {}};
  }

  // A prefix that leads everywhere where `prefix` does: the first seen of those whose characters
  // are alike to the pattern and whose bytes it does not tell apart.
  std::string plain_prefix(const Set& at, std::string prefix) const {
    const Beginning begun = *beginning(prefix);
    if (!nfa_.alike(begun.first, begun.last)) return prefix;
    const auto lead = static_cast<unsigned char>(prefix[0]);
    const bool restricted =
        prefix.size() == 1 && (lead == 0xE0 || lead == 0xED || lead == 0xF0 || lead == 0xF4);
    Set stray = at;
    for (const char c : prefix) stray = read_stray(stray, static_cast<unsigned char>(c));
    const auto key = std::tuple(at, begun.missing, restricted ? lead : 0, read_bytes(at, prefix),
                                stray, nfa_.step_character(at, begun.first));
    return prefixes_.try_emplace(key, std::move(prefix)).first->second;
  }

  // Where the automaton is when the path ends, or a mark stands, here: what was begun is no
  // character.
  Set settle(const Subset& from) const {
    Set at = from.settled;
    for (const char c : from.prefix) at = read_stray(at, static_cast<unsigned char>(c));
    return at;
  }

  Set read_bytes(Set at, const std::string& bytes) const {
    for (const char c : bytes) at = nfa_.step_byte(at, static_cast<unsigned char>(c));
    return at;
  }

  Set read_stray(const Set& at, unsigned char b) const {
    return merge(nfa_.step_byte(at, b), nfa_.step_character(at, kInvalidByte + b));
  }

  static Set merge(const Set& a, const Set& b) {
    Set out;
    std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
    return out;
  }

  Nfa nfa_;
  std::optional<AnchorId> anchor_;
  const Alphabet& alphabet_;
  std::map<Subset, std::uint32_t> numbers_;
  std::vector<Subset> subsets_;
  using PrefixKey = std::tuple<Set, std::size_t, unsigned, Set, Set, Set>;
  mutable std::map<PrefixKey, std::string> prefixes_;
};

// The automaton of a pattern without wildcards from the root directory, and with `subtree` of what
// lies beneath: a chain. Most patterns are such, and need no subsets. A state reads any mark
// without leaving.
Dfa chain(const PathPattern& pattern, const Alphabet& alphabet) {
  const std::string bytes = pattern.atoms.empty() ? std::string() : pattern.atoms[0].bytes;
  const auto last = static_cast<std::uint32_t>(bytes.size());
  const std::uint32_t nowhere = last + 1;
  const std::uint32_t inside = last + 2;
  Dfa dfa;
  dfa.symbols = alphabet.size();
  const std::uint32_t size = pattern.subtree ? inside + 1 : nowhere + 1;
  dfa.next.assign(std::size_t{size} * dfa.symbols, nowhere);
  dfa.label.assign(size, 0);
  for (std::uint32_t state = 0; state < size; ++state) {
    const auto row =
        dfa.next.begin() + static_cast<std::ptrdiff_t>(std::size_t{state} * dfa.symbols);
    const bool stays = state == inside;
    std::fill(stays ? row : row + alphabet.class_count(), row + dfa.symbols, state);
    if (state < last) row[alphabet.byte(static_cast<unsigned char>(bytes[state]))] = state + 1;
    if (state == last && pattern.subtree) row[alphabet.byte('/')] = inside;
    dfa.label[state] = state == last || stays ? 1 : 0;
  }
  return minimize(dfa);
}

bool is_chain(const PathSet& set) {
  const PathPattern& pattern = set.pattern;
  if (pattern.anchor || !pattern.is_plain() || !set.except.empty() || set.within) return false;
  if (pattern.atoms.empty()) return true;
  constexpr std::size_t kOwn = 2;  // the whole, and failure
  return pattern.atoms.size() == 1 && pattern.atoms[0].bytes.size() + kOwn <= kMaxPatternStates;
}

// The words of `dfa`'s language and everything beneath them; with `strictly` only what is beneath.
Dfa beneath(Dfa dfa, const Alphabet& alphabet, bool strictly) {
  const std::uint32_t inside = dfa.size();
  const Alphabet::Symbol slash = alphabet.byte('/');
  for (std::uint32_t state = 0; state < inside; ++state) {
    if (dfa.label[state] == 0) continue;
    // The word that ends in this `/` is no path, so it does not matter that it is taken in.
    dfa.next[std::size_t{state} * dfa.symbols + slash] = inside;
  }
  dfa.next.insert(dfa.next.end(), dfa.symbols, inside);
  dfa.label.push_back(1);
  if (strictly) std::fill(dfa.label.begin(), dfa.label.begin() + inside, 0);
  return minimize(dfa);
}

}  // namespace

namespace {

// Of what is no chain, over an alphabet of its own.
Result<Dfa> compile_alone(const PathSet& set, const Alphabet& alphabet) {
  const auto both = [](Label a, Label b) { return a & b; };
  const auto without = [](Label a, Label b) { return a & ~b & 1U; };
  const auto exact = [&](const PathPattern& pattern) {
    return Determinizer(pattern, alphabet).run();
  };

  const Result<Dfa> own = exact(set.pattern);
  if (!own) return own;
  const Dfa whole = set.pattern.subtree ? beneath(*own, alphabet, false) : *own;
  Result<Dfa> out = whole;
  if (set.within) {
    const Result<Dfa> above = exact(*set.within);
    if (!above) return above;
    out = product(*own, beneath(*above, alphabet, true), both);
    if (!out) return out;
    if (set.pattern.subtree) out = beneath(*out, alphabet, false);
  }
  for (const PathPattern& except : set.except) {
    const Result<Dfa> entry = exact(except);
    if (!entry) return entry;
    const Result<Dfa> covered = product(whole, *entry, both);
    if (!covered) return covered;
    out = product(*out, beneath(*covered, alphabet, false), without);
    if (!out) return out;
  }
  return out;
}

// The automaton over `own`, which tells fewer bytes apart, as one over `alphabet`.
Dfa widen(const Dfa& dfa, const Alphabet& own, const Alphabet& alphabet) {
  const std::vector<Alphabet::Symbol> symbols = alphabet.symbols_in(own);
  Dfa out;
  out.symbols = alphabet.size();
  out.label = dfa.label;
  out.next.reserve(std::size_t{dfa.size()} * symbols.size());
  for (std::uint32_t state = 0; state < dfa.size(); ++state) {
    for (const Alphabet::Symbol symbol : symbols) out.next.push_back(dfa.step(state, symbol));
  }
  return out;
}

}  // namespace

Result<Dfa> compile(const PathSet& set, const Alphabet& alphabet) {
  if (is_chain(set)) return chain(set.pattern, alphabet);
  const std::array<const PathSet*, 1> alone = {&set};
  const Alphabet own(alone, alphabet.mark_count());
  const Result<Dfa> dfa = compile_alone(set, own);
  return dfa ? widen(*dfa, own, alphabet) : dfa;
}

Dfa canonical_paths(const Alphabet& alphabet) {
  Dfa dfa;
  dfa.symbols = alphabet.size();
  // The root directory is "" and is followed by `/` only, a component by more of itself too, so the
  // start is a state of its own.
  constexpr std::uint32_t kRoot = 0;
  constexpr std::uint32_t kAfterSlash = 1;
  constexpr std::uint32_t kInName = 2;
  constexpr std::uint32_t kNone = 3;
  dfa.label = {1, 0, 1, 0};
  const Alphabet::Symbol slash = alphabet.byte('/');
  const Alphabet::Symbol nul = alphabet.byte(0);
  for (const std::uint32_t state : {kRoot, kAfterSlash, kInName, kNone}) {
    for (Alphabet::Symbol symbol = 0; symbol < alphabet.size(); ++symbol) {
      std::uint32_t to = kNone;
      if (state == kNone || symbol == nul) {
        to = kNone;
      } else if (alphabet.is_mark(symbol)) {
        to = state == kAfterSlash ? kNone : state;
      } else if (symbol == slash) {
        to = state == kAfterSlash ? kNone : kAfterSlash;
      } else {
        to = state == kRoot ? kNone : kInName;
      }
      dfa.next.push_back(to);
    }
  }
  return dfa;
}

}  // namespace srt::glob
