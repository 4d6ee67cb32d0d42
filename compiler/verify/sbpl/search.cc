#include "compiler/verify/sbpl/search.h"

#include <algorithm>
#include <unordered_set>

namespace srt::verify::sbpl {

/// The states of the bags that a question is about.
class Search::States {
 public:
  States(const std::vector<std::size_t>& bags, const Bag::State* states)
      : bags_(bags), states_(states) {}

  Bag::State of(std::size_t bag) const {
    return states_[std::lower_bound(bags_.begin(), bags_.end(), bag) - bags_.begin()];
  }

 private:
  const std::vector<std::size_t>& bags_;  // sorted
  const Bag::State* states_;
};

std::size_t Search::bag_of(Bag::Item item) {
  const auto [entry, is_new] = bag_ids_.try_emplace(item, bags_.size());
  if (is_new) bags_.emplace_back(std::vector{item}, leaves_, letters_);
  return entry->second;
}

Search::Node Search::add(const FormulaPtr& formula) {
  if (const auto known = node_ids_.find(formula.get()); known != node_ids_.end()) {
    return known->second;
  }
  Compiled made{.kind = formula->kind};
  for (const FormulaPtr& part : formula->parts) made.parts.push_back(add(part));
  if (formula->kind == Formula::Kind::leaf || formula->kind == Formula::Kind::folded) {
    made.bag = bag_of({formula->leaf, formula->kind == Formula::Kind::folded});
  } else if (formula->kind == Formula::Kind::above) {
    made.bag = bag_of({formula->leaf, false});
    made.anchor = formula->anchor;
  }
  const auto node = static_cast<Node>(nodes_.size());
  nodes_.push_back(std::move(made));
  node_ids_.emplace(formula.get(), node);
  kept_.push_back(formula);
  return node;
}

void Search::collect(Node id, std::vector<std::size_t>& bags) const {
  const Compiled& node = nodes_[id];
  for (const Node part : node.parts) collect(part, bags);
  if (node.kind == Formula::Kind::leaf || node.kind == Formula::Kind::folded ||
      node.kind == Formula::Kind::above) {
    bags.push_back(node.bag);
  }
}

Search::Answer Search::answer(Node id, const States& states, bool is_root,
                              std::optional<glob::AnchorId> above) const {
  const Compiled& node = nodes_[id];
  switch (node.kind) {
    case Formula::Kind::never:
      return {false, false};
    case Formula::Kind::always:
      return {true, true};
    case Formula::Kind::leaf:
    case Formula::Kind::folded: {
      const bool is_in = bags_[node.bag].accepts(states.of(node.bag), is_root);
      return {is_in, is_in};
    }
    case Formula::Kind::all:
    case Formula::Kind::any: {
      const bool is_all = node.kind == Formula::Kind::all;
      Answer out{is_all, is_all};
      for (const Node part : node.parts) {
        const Answer one = answer(part, states, is_root, above);
        out.must = is_all ? out.must && one.must : out.must || one.must;
        out.may = is_all ? out.may && one.may : out.may || one.may;
      }
      return out;
    }
    case Formula::Kind::no: {
      const Answer part = answer(node.parts[0], states, is_root, above);
      return {!part.may, !part.must};
    }
    case Formula::Kind::unsure:
      return {answer(node.parts[0], states, is_root, above).must,
              answer(node.parts[1], states, is_root, above).may};
    case Formula::Kind::above: {
      const bool is_outside = bags_[node.bag].accepts(states.of(node.bag), is_root);
      return {is_outside && above == node.anchor, is_outside};
    }
  }
  return {false, true};
}

Search::Fixed Search::fixed(Node id, const States& states) const {
  const Compiled& node = nodes_[id];
  const auto inverse = [](Fixed of) {
    return of == Fixed::open ? of : of == Fixed::never ? Fixed::always : Fixed::never;
  };
  switch (node.kind) {
    case Formula::Kind::never:
      return Fixed::never;
    case Formula::Kind::always:
      return Fixed::always;
    case Formula::Kind::leaf:
    case Formula::Kind::folded:
      return bags_[node.bag].fixed(states.of(node.bag));
    case Formula::Kind::all:
    case Formula::Kind::any: {
      const Fixed decides = node.kind == Formula::Kind::all ? Fixed::never : Fixed::always;
      Fixed out = inverse(decides);
      for (const Node part : node.parts) {
        const Fixed one = fixed(part, states);
        if (one == decides) return decides;
        if (one == Fixed::open) out = Fixed::open;
      }
      return out;
    }
    case Formula::Kind::no:
      return inverse(fixed(node.parts[0], states));
    case Formula::Kind::unsure: {
      const Fixed must = fixed(node.parts[0], states);
      return must == fixed(node.parts[1], states) ? must : Fixed::open;
    }
    case Formula::Kind::above:
      return bags_[node.bag].fixed(states.of(node.bag)) == Fixed::never ? Fixed::never
                                                                        : Fixed::open;
  }
  return Fixed::open;
}

/// One question, answered breadth first.
class Search::Walk {
 public:
  Walk(Search& search, const std::vector<Wanted>& wanted, const Scope& scope)
      : search_(search), wanted_(wanted), scope_(scope) {
    for (const Wanted& one : wanted) search.collect(one.node, bags_);
    std::sort(bags_.begin(), bags_.end());
    bags_.erase(std::unique(bags_.begin(), bags_.end()), bags_.end());
  }

  Found run() {
    add(std::vector<Bag::State>(bags_.size()), {}, 0, 0);
    for (std::uint32_t at = 0; at < nodes_.size(); ++at) {
      if (nodes_[at].place.is_path() && fits(at)) return {Outcome::found, word_to(at)};
      expand(at);
      if (search_.steps_left_ == 0) return {Outcome::unknown};
    }
    return {Outcome::none};
  }

 private:
  struct At {
    Place place;
    std::uint32_t from;
    std::uint32_t letter;
  };
  struct Hash {
    const Walk* walk;
    std::size_t operator()(std::uint32_t node) const {
      std::uint64_t hash = walk->nodes_[node].place.key();
      for (std::size_t i = 0; i < walk->bags_.size(); ++i) {
        hash = (hash ^ walk->states_of(node)[i]) * 0x9E3779B97F4A7C15U;
        hash ^= hash >> 29U;
      }
      return hash;
    }
  };
  struct Equal {
    const Walk* walk;
    bool operator()(std::uint32_t a, std::uint32_t b) const {
      return walk->nodes_[a].place.key() == walk->nodes_[b].place.key() &&
             std::equal(walk->states_of(a), walk->states_of(a) + walk->bags_.size(),
                        walk->states_of(b));
    }
  };

  const Bag::State* states_of(std::uint32_t node) const {
    return states_.data() + std::size_t{node} * bags_.size();
  }

  bool fits(std::uint32_t at) const {
    const bool is_root = nodes_[at].place.spelling == Spelling::root;
    if (is_root && !scope_.has_root) return false;
    const States states(bags_, states_of(at));
    return std::all_of(wanted_.begin(), wanted_.end(), [&](const Wanted& one) {
      const Answer answer = search_.answer(one.node, states, is_root, scope_.above);
      switch (one.want) {
        case Want::may:
          return answer.may;
        case Want::must:
          return answer.must;
        case Want::may_not:
          return !answer.must;
        case Want::must_not:
          break;
      }
      return !answer.may;
    });
  }

  // Whether nothing that follows can be as wanted.
  bool is_over(const std::vector<Bag::State>& states) const {
    const States here(bags_, states.data());
    return std::any_of(wanted_.begin(), wanted_.end(), [&](const Wanted& one) {
      const bool is_in = one.want == Want::may || one.want == Want::must;
      return search_.fixed(one.node, here) == (is_in ? Fixed::never : Fixed::always);
    });
  }

  void add(const std::vector<Bag::State>& states, Place place, std::uint32_t from,
           std::uint32_t letter) {
    if (is_over(states)) return;
    const auto id = static_cast<std::uint32_t>(nodes_.size());
    nodes_.push_back({place, from, letter});
    states_.insert(states_.end(), states.begin(), states.end());
    if (index_.insert(id).second) return;
    nodes_.pop_back();
    states_.resize(states_.size() - bags_.size());
  }

  void expand(std::uint32_t at) {
    const std::vector<Bag::State> from(states_of(at), states_of(at) + bags_.size());
    const Place place = nodes_[at].place;
    const Letters& letters = search_.letters_;
    LetterSet telling;
    for (std::size_t i = 0; i < bags_.size(); ++i) {
      telling.add(search_.bags_[bags_[i]].telling(from[i]));
    }
    telling.add(letters.slash());
    telling.add(letters.plain());
    if (place.begun != 0 || !is_lost_in(from)) {
      for (const std::size_t lead : letters.leads()) telling.add(lead);
      for (const std::size_t tail : letters.tails()) telling.add(tail);
    }
    std::vector<Bag::State> states(bags_.size());
    telling.for_each([&](std::size_t letter) {
      const Place next = step(place, letters[letter]);
      if (next.spelling == Spelling::broken) return;
      for (std::size_t i = 0; i < bags_.size(); ++i) {
        states[i] = search_.bags_[bags_[i]].step(from[i], letter);
      }
      search_.steps_left_ -= std::min(search_.steps_left_, bags_.size());
      add(states, next, at, static_cast<std::uint32_t>(letter));
    });
  }

  // Whether characters outside ASCII of which no bag speaks lead where a plain letter does.
  bool is_lost_in(const std::vector<Bag::State>& from) const {
    const Letters& letters = search_.letters_;
    const auto is_telling = [](const LetterSet& set, const std::vector<std::size_t>& some) {
      return std::any_of(some.begin(), some.end(),
                         [&set](std::size_t letter) { return set.contains(letter); });
    };
    for (std::size_t i = 0; i < bags_.size(); ++i) {
      Bag& bag = search_.bags_[bags_[i]];
      const Bag::State next = bag.step(from[i], letters.plain());
      if (bag.step(next, letters.plain()) != next) return false;
      const LetterSet& telling = bag.telling(next);
      if (is_telling(telling, letters.tails()) || is_telling(telling, letters.leads()))
        return false;
    }
    return true;
  }

  Path word_to(std::uint32_t node) const {
    Path out;
    for (; node != 0; node = nodes_[node].from) out.push_back(nodes_[node].letter);
    std::reverse(out.begin(), out.end());
    return out;
  }

  Search& search_;
  const std::vector<Wanted>& wanted_;
  Scope scope_;
  std::vector<std::size_t> bags_;
  std::vector<At> nodes_;
  std::vector<Bag::State> states_;
  std::unordered_set<std::uint32_t, Hash, Equal> index_{64, Hash{this}, Equal{this}};
};

Search::Found Search::find(std::vector<Wanted> wanted, const Scope& scope) {
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  std::pair key(std::move(wanted), scope);
  if (const auto known = known_.find(key); known != known_.end()) return known->second;
  Found out = Walk(*this, key.first, scope).run();
  known_.emplace(std::move(key), out);
  return out;
}

Word Search::spell(const Path& path) const {
  Word out;
  for (const std::uint32_t letter : path) out.push_back(letters_[letter]);
  return out;
}

Search::Answer Search::ask(Node node, const Path& path, std::optional<glob::AnchorId> above) {
  std::vector<std::size_t> bags;
  collect(node, bags);
  std::sort(bags.begin(), bags.end());
  bags.erase(std::unique(bags.begin(), bags.end()), bags.end());
  std::vector<Bag::State> states(bags.size());
  bool is_root = true;
  for (const std::uint32_t letter : path) {
    is_root = is_root && letters_[letter].is_mark;
    for (std::size_t i = 0; i < bags.size(); ++i) {
      states[i] = bags_[bags[i]].step(states[i], letter);
    }
  }
  return answer(node, {bags, states.data()}, is_root, above);
}

}  // namespace srt::verify::sbpl
