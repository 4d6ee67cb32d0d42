#include "compiler/verify/sbpl/automaton.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "compiler/glob/alphabet.h"
#include "compiler/glob/predecessors.h"

namespace srt::verify::sbpl {
namespace {

constexpr glob::Label kIsIn = 1;
constexpr glob::Label kRootIsIn = 2;
constexpr glob::Label kBoth = kIsIn | kRootIsIn;

// The states from which one with a wanted label can be reached by the first `symbols` symbols.
template <typename F>
std::vector<bool> reaching(const glob::Dfa& dfa, std::uint32_t symbols, F&& wanted) {
  return glob::Predecessors(dfa, [&](glob::Alphabet::Symbol symbol) { return symbol < symbols; })
      .lead_to([&](std::uint32_t state) { return wanted(dfa.label[state]); });
}

// An automaton that is written down state by state.
class Drawing {
 public:
  Drawing(std::uint32_t classes, bool has_mark) : columns_(classes + (has_mark ? 1 : 0)) {
    dfa_.symbols = columns_;
  }

  // A state that stays where it is.
  std::uint32_t add(glob::Label label) {
    const auto state = dfa_.size();
    dfa_.next.insert(dfa_.next.end(), columns_, state);
    dfa_.label.push_back(label);
    return state;
  }
  void edge(std::uint32_t from, std::uint32_t column, std::uint32_t to) {
    dfa_.next[std::size_t{from} * columns_ + column] = to;
  }
  void all_edges(std::uint32_t from, std::uint32_t to) {
    for (std::uint32_t column = 0; column < columns_; ++column) edge(from, column, to);
  }
  glob::Dfa done() { return std::move(dfa_); }

 private:
  std::uint32_t columns_;
  glob::Dfa dfa_;
};

}  // namespace

Automaton::Automaton(glob::Dfa dfa, const std::array<std::uint8_t, 256>& class_of,
                     std::vector<glob::AnchorId> marks, std::size_t mark_count)
    : dfa_(std::move(dfa)),
      class_of_(class_of),
      marks_(std::move(marks)),
      column_of_(mark_count, kStays) {
  const auto classes = static_cast<std::uint32_t>(dfa_.symbols - marks_.size());
  for (std::uint32_t i = 0; i < marks_.size(); ++i) column_of_[marks_[i]] = classes + i;
  for (const glob::AnchorId mark : marks_) read_once(mark);
  live_ = reaching(dfa_, dfa_.symbols, [](glob::Label label) { return label != 0; });
  for_good_ = reaching(dfa_, dfa_.symbols, [](glob::Label label) { return label != kBoth; });
  for_good_.flip();
  live_at_end_.resize(size());
  for (std::uint32_t state = 0; state < size(); ++state) {
    bool is_live = dfa_.label[state] != 0 || live_[step(state, '/')];
    for (std::uint32_t column = classes; column < dfa_.symbols; ++column) {
      const std::uint32_t next = dfa_.step(state, column);
      is_live = is_live || (next != state && live_[next]);
    }
    live_at_end_[state] = is_live;
  }
}

void Automaton::read_once(glob::AnchorId mark) {
  const std::uint32_t column = column_of_[mark];
  std::vector<bool> is_before(size());
  std::vector<std::uint32_t> work = {0};
  is_before[0] = true;
  while (!work.empty()) {
    const std::uint32_t state = work.back();
    work.pop_back();
    for (std::uint32_t symbol = 0; symbol < dfa_.symbols; ++symbol) {
      const std::uint32_t next = dfa_.step(state, symbol);
      if (symbol == column || is_before[next]) continue;
      is_before[next] = true;
      work.push_back(next);
    }
  }
  for (std::uint32_t state = 0; state < size(); ++state) {
    std::uint32_t& next = dfa_.next[std::size_t{state} * dfa_.symbols + column];
    if (!is_before[state]) next = state;
  }
}

// The states from which a `/` and more leads into the set.
std::vector<bool> Automaton::below(bool with_marks) const {
  const auto classes = static_cast<std::uint32_t>(dfa_.symbols - marks_.size());
  const std::vector<bool> live = reaching(dfa_, with_marks ? dfa_.symbols : classes,
                                          [](glob::Label label) { return (label & kIsIn) != 0; });
  std::vector<bool> out(size());
  for (std::uint32_t state = 0; state < size(); ++state) out[state] = live[step(state, '/')];
  return out;
}

Automaton Automaton::labelled(const std::vector<bool>& is_in) const {
  glob::Dfa dfa = dfa_;
  for (std::uint32_t state = 0; state < size(); ++state) {
    dfa.label[state] = is_in[state] ? kBoth : 0;
  }
  return {std::move(dfa), class_of_, marks_, column_of_.size()};
}

Automaton Automaton::above(bool with_marks) const { return labelled(below(with_marks)); }

Automaton Automaton::pins(std::optional<std::uint32_t> elsewhere) const {
  std::vector<bool> out = below(false);
  // Nobody moves what is denied itself, and where that is allowed again it may be moved.
  for (std::uint32_t state = 0; state < size(); ++state) {
    out[state] = out[state] && !accepts(state, false);
  }
  if (!elsewhere) return labelled(out);
  const auto classes = static_cast<std::uint32_t>(dfa_.symbols - marks_.size());
  const std::uint32_t slash = class_of_['/'];
  for (std::uint32_t state = 0; state < size(); ++state) {
    if (!out[state]) continue;
    out[state] = false;
    using Pair = std::pair<std::uint32_t, std::uint32_t>;
    std::vector<Pair> pairs = {{dfa_.step(state, slash), dfa_.step(*elsewhere, slash)}};
    std::set<Pair> seen(pairs.begin(), pairs.end());
    for (std::size_t i = 0; i < pairs.size() && !out[state]; ++i) {
      const auto [here, there] = pairs[i];
      out[state] = accepts(here, false) && !accepts(there, false);
      if (!live_[here] || for_good_[there]) continue;
      for (std::uint32_t column = 0; column < classes; ++column) {
        const Pair next = {dfa_.step(here, column), dfa_.step(there, column)};
        if (next.first != next.second && seen.insert(next).second) pairs.push_back(next);
      }
    }
  }
  return labelled(out);
}

Result<Automaton> Automaton::of(const glob::PathSet& set, std::size_t mark_count) {
  const glob::PathSet* one = &set;
  const glob::Alphabet alphabet({&one, 1}, mark_count);
  Result<glob::Dfa> dfa = glob::compile(set, alphabet);
  if (!dfa) return dfa.error();
  for (glob::Label& label : dfa->label) label = label != 0 ? kBoth : 0;
  std::vector<glob::AnchorId> marks(mark_count);
  for (std::size_t i = 0; i < mark_count; ++i) marks[i] = static_cast<glob::AnchorId>(i);
  return Automaton(std::move(*dfa), alphabet.classes(), std::move(marks), mark_count);
}

Automaton Automaton::of_path(std::optional<glob::AnchorId> anchor, std::string_view text,
                             bool is_subtree, std::size_t mark_count) {
  if (!anchor && text == "/") text = {};
  std::array<std::uint8_t, 256> class_of{};
  std::uint32_t classes = 1;
  const auto class_for = [&](char c) -> std::uint32_t {
    std::uint8_t& known = class_of[static_cast<unsigned char>(c)];
    if (known == 0) known = static_cast<std::uint8_t>(classes++);
    return known;
  };
  const std::uint32_t slash = class_for('/');
  for (const char c : text) class_for(c);
  const std::uint32_t mark = classes;
  Drawing drawing(classes, anchor.has_value());
  const std::uint32_t start = drawing.add(0);
  // An empty text names the root directory only by itself.
  const bool is_bare_anchor = anchor && text.empty();
  const auto is_end = [&](std::size_t i) { return i == text.size(); };
  std::uint32_t state = drawing.add(is_end(0) ? (anchor ? kIsIn : kBoth) : 0);
  const std::uint32_t first = state;
  const std::uint32_t nowhere = drawing.add(0);
  const std::uint32_t inside = drawing.add(kBoth);
  for (std::size_t i = 0; i <= text.size(); ++i) {
    drawing.all_edges(state, nowhere);
    if (is_end(i)) {
      if (is_subtree) drawing.edge(state, slash, inside);
      break;
    }
    const std::uint32_t next = drawing.add(is_end(i + 1) ? kIsIn : 0);
    drawing.edge(state, class_for(text[i]), next);
    state = next;
  }
  if (!anchor) {
    // There is no mark to wait for.
    for (std::uint32_t column = 0; column < classes; ++column) drawing.edge(start, column, nowhere);
    glob::Dfa dfa = drawing.done();
    std::copy_n(dfa.next.begin() + std::ptrdiff_t{first} * dfa.symbols, dfa.symbols,
                dfa.next.begin());
    dfa.label[start] = dfa.label[first];
    return {std::move(dfa), class_of, {}, mark_count};
  }
  if (!is_bare_anchor) {
    drawing.edge(start, mark, first);
    return {drawing.done(), class_of, {*anchor}, mark_count};
  }
  // The mark of the root directory stands before the first byte.
  const std::uint32_t waiting = drawing.add(0);
  drawing.all_edges(start, waiting);
  drawing.edge(start, mark, nowhere);
  drawing.edge(waiting, mark, first);
  return {drawing.done(), class_of, {*anchor}, mark_count};
}

Automaton Automaton::where_root(glob::AnchorId anchor, std::size_t mark_count) {
  Drawing drawing(1, true);
  const std::uint32_t start = drawing.add(0);
  const std::uint32_t elsewhere = drawing.add(0);
  const std::uint32_t is_root = drawing.add(kBoth);
  drawing.edge(start, 0, elsewhere);
  drawing.edge(start, 1, is_root);
  return {drawing.done(), {}, {anchor}, mark_count};
}

Automaton Automaton::not_in(glob::AnchorId anchor, std::size_t mark_count) {
  Drawing drawing(1, true);
  const std::uint32_t outside = drawing.add(kBoth);
  drawing.edge(outside, 1, drawing.add(0));
  return {drawing.done(), {}, {anchor}, mark_count};
}

}  // namespace srt::verify::sbpl
