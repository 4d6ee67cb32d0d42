#include "compiler/glob/family.h"

#include <algorithm>
#include <array>
#include <set>
#include <unordered_set>

#include "compiler/glob/predecessors.h"

namespace srt::glob {
namespace {

// A text in two parts.
using Parts = std::array<std::string_view, 2>;

// Whether one of two texts begins with the other.
bool agree(const Parts& a, const Parts& b) {
  const std::size_t size = std::min(a[0].size() + a[1].size(), b[0].size() + b[1].size());
  const auto at = [](const Parts& parts, std::size_t i) {
    return i < parts[0].size() ? parts[0][i] : parts[1][i - parts[0].size()];
  };
  for (std::size_t i = 0; i < size; ++i) {
    if (at(a, i) != at(b, i)) return false;
  }
  return true;
}

PathSet set_of_bytes(std::string_view bytes) {
  PathSet set;
  if (!bytes.empty()) set.pattern.atoms.push_back({Atom::Kind::literal, std::string(bytes), {}});
  return set;
}

std::vector<const PathSet*> with(std::vector<const PathSet*> sets, const PathSet* another) {
  sets.push_back(another);
  return sets;
}

// The classes of bytes, by how people like to see them: letters and digits last.
std::vector<Alphabet::Symbol> by_looks(const Alphabet& alphabet) {
  std::vector<Alphabet::Symbol> out;
  for (Alphabet::Symbol symbol = 0; symbol < alphabet.class_count(); ++symbol) {
    out.push_back(symbol);
  }
  const auto looks = [&](Alphabet::Symbol symbol) {
    const unsigned char byte = alphabet.representative(symbol);
    const bool is_plain = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
    return is_plain ? 2 : byte > ' ' && byte < 0x7F ? 1 : 0;
  };
  std::stable_sort(out.begin(), out.end(),
                   [&](Alphabet::Symbol a, Alphabet::Symbol b) { return looks(a) < looks(b); });
  return out;
}

std::vector<AnchorId> anchors_of(const PathSet& set) {
  std::set<AnchorId> anchors;
  const auto add = [&](const PathPattern& pattern) {
    if (pattern.anchor) anchors.insert(*pattern.anchor);
  };
  add(set.pattern);
  for (const PathPattern& except : set.except) add(except);
  if (set.within) add(*set.within);
  return {anchors.begin(), anchors.end()};
}

// States from which some word leads to one of `goals`, by symbols that `counts` says yes to: how
// many of them are bytes at least.
template <typename Goal>
std::vector<std::uint16_t> distances(const Dfa& dfa, std::uint32_t bytes, std::uint32_t symbols,
                                     std::uint16_t far, Goal&& is_goal) {
  const Predecessors by_byte(dfa, [&](Alphabet::Symbol symbol) { return symbol < bytes; });
  const Predecessors by_mark(
      dfa, [&](Alphabet::Symbol symbol) { return symbol >= bytes && symbol < symbols; });
  std::vector<std::uint16_t> distance(dfa.size(), far);
  std::vector<std::uint32_t> level;
  for (std::uint32_t state = 0; state < dfa.size(); ++state) {
    if (!is_goal(state)) continue;
    distance[state] = 0;
    level.push_back(state);
  }
  for (std::uint16_t at = 0; !level.empty() && at + 1 < far; ++at) {
    for (std::size_t i = 0; i < level.size(); ++i) {
      for (const std::uint32_t from : by_mark.of(level[i])) {
        if (distance[from] <= at) continue;
        distance[from] = at;
        level.push_back(from);
      }
    }
    std::vector<std::uint32_t> next;
    for (const std::uint32_t state : level) {
      if (distance[state] != at) continue;
      for (const std::uint32_t from : by_byte.of(state)) {
        if (distance[from] != far) continue;
        distance[from] = static_cast<std::uint16_t>(at + 1);
        next.push_back(from);
      }
    }
    level = std::move(next);
  }
  return distance;
}

}  // namespace

// Where the directories of anchors lie, a node for each byte of them.
struct Family::Tree {
  struct Node {
    std::vector<std::pair<char, std::uint32_t>> next;
    std::vector<AnchorId> anchors;  // whose directory ends here
  };

  explicit Tree(const AnchorDirectories& of) : directories(of), nodes(1) {
    for (AnchorId anchor = 0; anchor < directories.size(); ++anchor) {
      if (directories[anchor].starts_with("//")) continue;
      std::uint32_t node = 0;
      for (const char byte : directories[anchor]) {
        std::uint32_t to = step(node, byte);
        if (to == kOutside) {
          to = static_cast<std::uint32_t>(nodes.size());
          nodes[node].next.emplace_back(byte, to);
          nodes.emplace_back();
        }
        node = to;
      }
      nodes[node].anchors.push_back(anchor);
    }
  }

  std::uint32_t step(std::uint32_t node, char byte) const {
    for (const auto& [on, to] : nodes[node].next) {
      if (on == byte) return to;
    }
    return kOutside;
  }

  static constexpr std::uint32_t kOutside = UINT32_MAX;  // no directory lies further on

  AnchorDirectories directories;
  std::vector<Node> nodes;
};

const Family::Tree& Family::tree_of(const AnchorDirectories& directories) {
  constexpr std::size_t kMaxKept = 16;
  for (const auto& tree : trees_) {
    if (tree->directories == directories) return *tree;
  }
  if (trees_.size() == kMaxKept) trees_.clear();
  return *trees_.emplace_back(std::make_unique<Tree>(directories));
}

Family::~Family() = default;

// A* through automata side by side; the bytes that a set still needs are the estimate.
class Family::Search {
 public:
  Search(const Alphabet& alphabet, const std::vector<Alphabet::Symbol>& bytes,
         std::vector<const Automaton*> in, std::vector<const Automaton*> out, const Tree* tree,
         std::size_t& steps_left)
      : alphabet_(alphabet),
        bytes_(bytes),
        in_(in.size()),
        automata_(std::move(in)),
        tree_(tree),
        steps_left_(steps_left),
        visited_(0, Hash{*this}, Equal{*this}) {
    automata_.insert(automata_.end(), out.begin(), out.end());
    stride_ = automata_.size() + kOwn;
    std::set<AnchorId> anchors;
    for (const Automaton* automaton : automata_) {
      anchors.insert(automaton->anchors.begin(), automaton->anchors.end());
    }
    anchors_.assign(anchors.begin(), anchors.end());
    distinct_bytes_ = distinct_bytes();
  }

  Found run() {
    constexpr std::size_t kMaxMarks = 32;  // bits of a state's own word
    if (anchors_.size() > kMaxMarks) return {};
    std::vector<std::uint32_t> start(stride_, 0);
    start[kPath] = kRoot;
    start[kSeen] = 0;
    start[kNode] = 0;
    take_marks(start);
    add(start, kNobody, 0, 0);
    for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
      while (!buckets_[bucket].empty()) {
        const std::uint32_t at = buckets_[bucket].back();
        buckets_[bucket].pop_back();
        if (is_goal(at)) return {Answer::found, witness(at), {}};
        const std::size_t cost = std::size_t{alphabet_.size()} * automata_.size();
        if (steps_left_ < cost) {
          steps_left_ = 0;
          return {};
        }
        steps_left_ -= cost;
        expand(at);
      }
    }
    return {Answer::none, {}, {}};
  }

 private:
  // A state: one of the path, the marks that were seen, a node of the tree of directories, then one
  // of each automaton.
  static constexpr std::size_t kPath = 0, kSeen = 1, kNode = 2, kOwn = 3;
  static constexpr std::uint32_t kNobody = UINT32_MAX;
  static constexpr std::uint32_t kOutside = Tree::kOutside;
  // After a mark a component has ended; where one could stand and does not, the component goes on.
  enum PathState : std::uint32_t { kRoot, kAfterSlash, kInName, kAfterMark, kNoMark };

  struct Step {
    std::uint32_t parent;
    std::uint32_t symbol;
    std::uint32_t bytes;  // so far
  };
  struct Hash {
    const Search& search;
    std::size_t operator()(std::uint32_t i) const {
      std::size_t hash = 14695981039346656037ULL;
      for (std::size_t k = 0; k < search.stride_; ++k) {
        hash = (hash ^ search.states_[i * search.stride_ + k]) * 1099511628211ULL;
      }
      return hash ^ hash >> 29;
    }
  };
  struct Equal {
    const Search& search;
    bool operator()(std::uint32_t i, std::uint32_t j) const {
      const auto at = [&](std::uint32_t k) {
        return search.states_.begin() + static_cast<std::ptrdiff_t>(k * search.stride_);
      };
      return std::equal(at(i), at(i) + static_cast<std::ptrdiff_t>(search.stride_), at(j));
    }
  };

  // Of the bytes that no automaton tells apart one.
  std::vector<Alphabet::Symbol> distinct_bytes() const {
    std::vector<Alphabet::Symbol> out;
    std::set<std::vector<Alphabet::Symbol>> seen;
    for (const Alphabet::Symbol symbol : bytes_) {
      std::vector<Alphabet::Symbol> own;
      for (const Automaton* automaton : automata_) own.push_back(automaton->symbols[symbol]);
      if (seen.insert(std::move(own)).second) out.push_back(symbol);
    }
    return out;
  }

  const std::vector<AnchorId>& anchors_at(std::uint32_t node) const {
    static const std::vector<AnchorId> kNone;
    return tree_ == nullptr || node == kOutside ? kNone : tree_->nodes[node].anchors;
  }

  // The marks of the directories that end here.
  void take_marks(std::vector<std::uint32_t>& state) const {
    for (const AnchorId anchor : anchors_at(state[kNode])) {
      step_all(state, alphabet_.mark(anchor));
      state[kPath] = state[kPath] == kRoot ? kRoot : kAfterMark;
    }
  }

  void step_all(std::vector<std::uint32_t>& state, std::uint32_t symbol) const {
    for (std::size_t i = 0; i < automata_.size(); ++i) {
      state[kOwn + i] = automata_[i]->step(state[kOwn + i], symbol);
    }
  }

  void expand(std::uint32_t at) {
    const auto begin = states_.begin() + static_cast<std::ptrdiff_t>(at * stride_);
    from_.assign(begin, begin + static_cast<std::ptrdiff_t>(stride_));
    const std::uint32_t bytes = steps_[at].bytes;
    // What is added last is looked at first.
    const bool is_outside = tree_ == nullptr || from_[kNode] == kOutside;
    for (const Alphabet::Symbol symbol : is_outside ? distinct_bytes_ : bytes_) {
      const auto byte = static_cast<char>(alphabet_.representative(symbol));
      const bool is_slash = byte == '/';
      const std::uint32_t path = from_[kPath];
      const bool fits = is_slash ? path != kAfterSlash && path != kNoMark
                                 : path != kRoot && path != kAfterMark && byte != '\0';
      if (!fits || leads_nowhere(symbol)) continue;
      to_ = from_;
      to_[kPath] = is_slash ? kAfterSlash : kInName;
      step_all(to_, symbol);
      enter(to_, byte);
      if (!is_slash && !anchors_at(to_[kNode]).empty()) {
        to_[kPath] = kNoMark;
        add(to_, at, symbol, bytes + 1);
        take_marks(to_);
      }
      add(to_, at, symbol, bytes + 1);
    }
    if (tree_ != nullptr || from_[kPath] == kAfterSlash) return;
    for (std::size_t i = 0; i < anchors_.size(); ++i) {
      const std::uint32_t bit = std::uint32_t{1} << i;
      const std::uint32_t symbol = alphabet_.mark(anchors_[i]);
      if ((from_[kSeen] & bit) != 0 || leads_nowhere(symbol)) continue;
      to_ = from_;
      to_[kSeen] |= bit;
      to_[kPath] = from_[kPath] == kRoot ? kRoot : kAfterMark;
      step_all(to_, symbol);
      add(to_, at, symbol, bytes);
    }
  }

  // Most symbols lead out of one of the sets at once.
  bool leads_nowhere(std::uint32_t symbol) const {
    for (std::size_t i = 0; i < in_; ++i) {
      if (automata_[i]->distance[automata_[i]->step(from_[kOwn + i], symbol)] == kFar) {
        return true;
      }
    }
    return false;
  }

  void enter(std::vector<std::uint32_t>& state, char byte) const {
    if (tree_ != nullptr && state[kNode] != kOutside)
      state[kNode] = tree_->step(state[kNode], byte);
  }

  void add(const std::vector<std::uint32_t>& state, std::uint32_t parent, std::uint32_t symbol,
           std::uint32_t bytes) {
    std::uint32_t rest = 0;
    const bool has_marks = tree_ == nullptr || state[kNode] != kOutside;
    for (std::size_t i = 0; i < automata_.size(); ++i) {
      const Automaton& automaton = *automata_[i];
      const std::uint32_t own = state[kOwn + i];
      if (i >= in_) {
        if (automaton.for_good[own]) return;
        continue;
      }
      const std::uint16_t needed = (has_marks ? automaton.distance : automaton.plain_distance)[own];
      if (needed == kFar) return;
      rest = std::max<std::uint32_t>(rest, needed);
    }
    const auto id = static_cast<std::uint32_t>(steps_.size());
    states_.insert(states_.end(), state.begin(), state.end());
    if (!visited_.insert(id).second) {
      states_.resize(id * stride_);
      return;
    }
    steps_.push_back({parent, symbol, bytes});
    const std::size_t bucket = std::size_t{bytes} + rest;
    if (buckets_.size() <= bucket) buckets_.resize(bucket + 1);
    buckets_[bucket].push_back(id);
  }

  bool is_goal(std::uint32_t at) const {
    const std::uint32_t* state = states_.data() + at * stride_;
    if (state[kPath] == kAfterSlash || state[kPath] == kNoMark) return false;
    for (std::size_t i = 0; i < automata_.size(); ++i) {
      if ((automata_[i]->dfa.label[state[kOwn + i]] != 0) != (i < in_)) return false;
    }
    return true;
  }

  Witness witness(std::uint32_t at) const {
    std::vector<std::uint32_t> symbols;
    for (; steps_[at].parent != kNobody; at = steps_[at].parent) {
      symbols.push_back(steps_[at].symbol);
    }
    Witness out;
    for (auto symbol = symbols.rbegin(); symbol != symbols.rend(); ++symbol) {
      if (alphabet_.is_mark(*symbol)) {
        out.marks.emplace_back(*symbol - alphabet_.class_count(), out.path.size());
      } else {
        out.path += static_cast<char>(alphabet_.representative(*symbol));
      }
    }
    if (tree_ == nullptr) return out;
    for (AnchorId anchor = 0; anchor < tree_->directories.size(); ++anchor) {
      const std::string& directory = tree_->directories[anchor];
      const bool is_above =
          out.path.starts_with(directory) &&
          (out.path.size() == directory.size() || out.path[directory.size()] == '/');
      if (is_above) out.marks.emplace_back(anchor, directory.size());
    }
    return out;
  }

  const Alphabet& alphabet_;
  const std::vector<Alphabet::Symbol>& bytes_;
  std::vector<Alphabet::Symbol> distinct_bytes_;
  std::size_t in_;
  std::vector<const Automaton*> automata_;
  const Tree* tree_;  // none where any arrangement counts
  std::size_t& steps_left_;
  std::size_t stride_ = 0;
  std::vector<AnchorId> anchors_;
  std::vector<std::uint32_t> from_;  // of `expand`
  std::vector<std::uint32_t> to_;
  std::vector<std::uint32_t> states_;
  std::vector<Step> steps_;
  std::unordered_set<std::uint32_t, Hash, Equal> visited_;
  std::vector<std::vector<std::uint32_t>> buckets_;
};

Family::Family(std::vector<const PathSet*> sets, std::size_t anchor_count, std::string_view bytes,
               std::size_t budget)
    : sets_(std::move(sets)),
      bytes_(set_of_bytes(bytes)),
      alphabet_(with(sets_, &bytes_), anchor_count),
      bytes_by_looks_(by_looks(alphabet_)),
      steps_left_(budget),
      automata_(sets_.size()),
      is_tried_(sets_.size()) {}

const Family::Automaton* Family::automaton(Member member) {
  std::optional<Automaton>& known = automata_[member];
  if (!is_tried_[member]) {
    is_tried_[member] = true;
    const std::array<const PathSet*, 1> alone = {sets_[member]};
    const Alphabet own(alone, alphabet_.mark_count());
    Result<Dfa> dfa = compile(*sets_[member], own);
    if (!dfa) return nullptr;
    const auto accepts = [&](std::uint32_t state) { return dfa->label[state] != 0; };
    const auto refuses = [&](std::uint32_t state) { return dfa->label[state] == 0; };
    const std::uint32_t bytes = own.class_count();
    const std::vector<std::uint16_t> to_refusal = distances(*dfa, bytes, own.size(), kFar, refuses);
    Automaton made;
    made.symbols = alphabet_.symbols_in(own);
    made.distance = distances(*dfa, bytes, own.size(), kFar, accepts);
    made.plain_distance = distances(*dfa, bytes, bytes, kFar, accepts);
    for (const std::uint16_t distance : to_refusal) made.for_good.push_back(distance == kFar);
    made.anchors = anchors_of(*sets_[member]);
    made.dfa = std::move(*dfa);
    known = std::move(made);
  }
  return known ? &*known : nullptr;
}

// What a set's first literal rules out without an automaton.
bool Family::may_contain(Member member, const Witness& witness) const {
  const PathPattern& pattern = sets_[member]->pattern;
  const std::string_view literal = first_literal(pattern);
  const std::string_view path = witness.path;
  if (!pattern.anchor) return path.starts_with(literal);
  return std::any_of(witness.marks.begin(), witness.marks.end(), [&](const auto& mark) {
    return mark.first == *pattern.anchor && path.substr(mark.second).starts_with(literal);
  });
}

// False when the budget has not so many steps left.
bool Family::spend(std::size_t steps) {
  if (steps_left_ < steps) {
    steps_left_ = 0;
    return false;
  }
  steps_left_ -= steps;
  return true;
}

bool Family::may_meet(std::span<const Member> in, const AnchorDirectories* directories) {
  constexpr std::size_t kCost = 10;
  if (!spend(kCost)) return true;
  for (std::size_t i = 0; i < in.size(); ++i) {
    for (std::size_t j = i + 1; j < in.size(); ++j) {
      const PathPattern& a = sets_[in[i]]->pattern;
      const PathPattern& b = sets_[in[j]]->pattern;
      Parts of_a = {"", first_literal(a)};
      Parts of_b = {"", first_literal(b)};
      if (a.anchor != b.anchor) {
        if (directories == nullptr) continue;
        if (a.anchor) of_a[0] = (*directories)[*a.anchor];
        if (b.anchor) of_b[0] = (*directories)[*b.anchor];
      }
      if (!agree(of_a, of_b)) return false;
    }
  }
  return true;
}

std::optional<bool> Family::contains(Member member, const Witness& witness) {
  constexpr std::size_t kCost = 10;
  const bool may = may_contain(member, witness);
  if (!spend(may ? kCost + witness.path.size() : kCost)) return std::nullopt;
  if (!may) return false;
  const Automaton* const automaton = this->automaton(member);
  if (automaton == nullptr) return std::nullopt;
  std::uint32_t state = 0;
  const auto take_marks = [&](std::size_t end) {
    for (const auto& [anchor, length] : witness.marks) {
      if (length == end) state = automaton->step(state, alphabet_.mark(anchor));
    }
  };
  take_marks(0);
  for (std::size_t i = 0; i < witness.path.size(); ++i) {
    const auto byte = static_cast<unsigned char>(witness.path[i]);
    state = automaton->step(state, alphabet_.byte(byte));
    take_marks(i + 1);
  }
  return automaton->dfa.label[state] != 0;
}

Family::Found Family::search(std::span<const Member> in, std::span<const Member> out,
                             const AnchorDirectories* directories) {
  std::array<std::vector<const Automaton*>, 2> automata;
  for (std::size_t which = 0; which < automata.size(); ++which) {
    for (const Member member : which == 0 ? in : out) {
      automata[which].push_back(automaton(member));
      if (automata[which].back() == nullptr) return {};
    }
  }
  const Tree* const tree = directories == nullptr ? nullptr : &tree_of(*directories);
  return Search(alphabet_, bytes_by_looks_, std::move(automata[0]), std::move(automata[1]), tree,
                steps_left_)
      .run();
}

// Most sets of `out` do not matter: those that hold a path which was found are taken in, one by
// one, until a path is in none or there is none.
Family::Found Family::find(std::span<const Member> in, std::span<const Member> out,
                           const AnchorDirectories* directories) {
  if (!may_meet(in, directories)) return {Answer::none, {}, {}};
  std::vector<Member> blockers;
  for (;;) {
    Found found = search(in, blockers, directories);
    if (found.answer != Answer::found) {
      found.blockers = std::move(blockers);
      return found;
    }
    std::optional<Member> another;
    for (const Member member : out) {
      const std::optional<bool> contained = contains(member, found.witness);
      if (!contained) return {};
      if (*contained) another = member;
    }
    if (!another) return found;
    blockers.push_back(*another);
  }
}

}  // namespace srt::glob
