#include "compiler/verify/sbpl/proof.h"

#include <algorithm>

namespace srt::verify::sbpl {
namespace {

// Ordered rules, each about one set that is no union: what is in all of some parts.
class List {
 public:
  struct Entry {
    Effect effect;
    Search::Node whole;
    std::vector<Search::Node> parts;  // those that are no complement come first
    std::size_t source;
  };

  List(const Rules& rules, Search& search) : otherwise_(rules.otherwise), search_(search) {
    for (const Clause& clause : rules.clauses) split(clause, {clause.paths});
  }

  std::size_t size() const { return entries_.size() + 1; }
  /// The rules from the last to the first, and then the default, which is about everything.
  Effect effect(std::size_t rank) const { return is_rule(rank) ? of(rank).effect : otherwise_; }
  bool is_rule(std::size_t rank) const { return rank < entries_.size(); }
  const Entry& of(std::size_t rank) const { return entries_[entries_.size() - 1 - rank]; }

  std::optional<std::size_t> source(std::size_t rank) const {
    return is_rule(rank) ? std::optional(of(rank).source) : std::nullopt;
  }

 private:
  // More would be the product of several long unions, which no profile of srtc has.
  static constexpr std::size_t kMaxEntries = 20'000;

  // Adds a rule for each alternative of what is in all of `parts`.
  void split(const Clause& clause, std::vector<FormulaPtr> parts) {
    using Kind = Formula::Kind;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const FormulaPtr part = parts[i];
      const bool is_none = part->kind == Kind::no && part->parts[0]->kind == Kind::any;
      if (part->kind == Kind::all || is_none) {
        parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i));
        for (const FormulaPtr& inner : (is_none ? part->parts[0] : part)->parts) {
          parts.push_back(is_none ? no(inner) : inner);
        }
        return split(clause, std::move(parts));
      }
      if (part->kind != Kind::any || entries_.size() > kMaxEntries) continue;
      for (const FormulaPtr& alternative : part->parts) {
        std::vector<FormulaPtr> one = parts;
        one[i] = alternative;
        split(clause, std::move(one));
      }
      return;
    }
    const FormulaPtr whole = all_of(parts);
    if (whole->kind == Kind::never) return;
    std::stable_partition(parts.begin(), parts.end(),
                          [](const FormulaPtr& part) { return part->kind != Kind::no; });
    Entry entry{clause.effect, search_.add(whole), {}, clause.source};
    for (const FormulaPtr& part : parts) entry.parts.push_back(search_.add(part));
    entries_.push_back(std::move(entry));
  }

  std::vector<Entry> entries_;
  Effect otherwise_;
  Search& search_;
};

// A list, and what it is to decide.
struct Side {
  const List* list;
  Effect effect;
  /// Whether it has to decide so for certain. Else it is enough that it may.
  bool is_sure = false;
};

class Prover {
 public:
  Prover(const PolicyRules& policy, const std::vector<ProfileRules>& profile, const Leaves& leaves)
      : policy_(policy), profile_(profile), search_(leaves, kMaxSteps) {}

  Proof run() {
    Rules looked_up = policy_.reads;
    looked_up.clauses.push_back({Effect::allow, policy_.above_readable, kNoRule});
    Rules held = policy_.open_writes;
    held.clauses.push_back({Effect::deny, policy_.above_denied, kNoRule});
    Rules kept{{{Effect::deny, policy_.pins, kNoRule}}, Effect::allow};
    const List reads(policy_.reads, search_);
    const List writes(policy_.writes, search_);
    const List open_reads(policy_.open_reads, search_);
    const List open_writes(policy_.open_writes, search_);
    const List lookups(looked_up, search_);
    const List holds(held, search_);
    const List pins(kept, search_);
    const List vacancies({{{Effect::deny, policy_.vacancies, kNoRule}}, Effect::allow}, search_);
    for (const ProfileRules& one : profile_) {
      const List own(one.rules, search_);
      const Question question = one.questions[0];
      using Kind = Fault::Kind;
      const Side allows{&own, Effect::allow};
      // Where it depends on directories whether it is denied, a path alone tells nothing.
      const Side denies{&own, Effect::deny, true};
      if (!is_write(question)) {
        const bool is_lookup = question == Question::read_metadata;
        // The root directory itself can always be read, or no program starts.
        find(Kind::looser, question, {allows, {is_lookup ? &lookups : &reads, Effect::deny}},
             {.has_root = false});
        find(Kind::tighter, question, {denies, {&open_reads, Effect::allow}}, {});
        continue;
      }
      find(Kind::looser, question, {allows, {&writes, Effect::deny}}, {});
      find(Kind::looser, question, {allows, {&reads, Effect::deny}}, {});
      const bool is_unlink = question == Question::write_unlink;
      // Above what is denied nothing leaves, nor comes to, a name.
      const bool takes_name = is_unlink || question == Question::write_create;
      find(Kind::tighter, question,
           {denies,
            {takes_name ? &holds : &open_writes, Effect::allow},
            {&open_reads, Effect::allow}},
           {.has_root = !takes_name});
      if (question == Question::write_create) {
        find(Kind::moved, question, {allows, {&vacancies, Effect::deny}}, {.has_root = false});
      }
      if (!is_unlink) continue;
      find(Kind::moved, question, {allows, {&pins, Effect::deny}}, {.has_root = false});
      for (const auto& [anchor, outside] : policy_.pinned_anchors) {
        const List above({{{Effect::deny, sbpl::above(anchor, outside), kNoRule}}, Effect::allow},
                         search_);
        find(Kind::moved, question, {allows, {&above, Effect::deny}},
             {.above = anchor, .has_root = false});
      }
    }
    return std::move(out_);
  }

 private:
  static constexpr std::size_t kNoRule = SIZE_MAX;

  static bool is_write(Question question) {
    return kQuestions[static_cast<std::size_t>(question)].is_write;
  }

  // Looks for a path about which all sides decide as they are to; the first is the profile.
  void find(Fault::Kind kind, Question question, const std::vector<Side>& sides,
            const Search::Scope& scope) {
    claim_ = {kind, question, &sides, scope};
    ranks_.clear();
    extend({});
  }

  // Chooses which rule of the next side decides. False when a fault was found: one is enough.
  bool extend(const std::vector<Search::Wanted>& wanted) {
    const Side& side = (*claim_.sides)[ranks_.size()];
    for (std::size_t rank = 0; rank < side.list->size(); ++rank) {
      if (side.list->effect(rank) != side.effect) continue;
      std::vector<Search::Wanted> more = wanted;
      if (side.list->is_rule(rank)) {
        more.push_back({side.list->of(rank).parts[0], wanted_of(side)});
      }
      ranks_.push_back(rank);
      const bool goes_on = refine(std::move(more));
      ranks_.pop_back();
      if (!goes_on) return false;
    }
    return true;
  }

  // Leaves out what later rules of the sides so far decide, one after the other as they turn up.
  bool refine(std::vector<Search::Wanted> wanted) {
    for (;;) {
      const Search::Found found = search_.find(wanted, claim_.scope);
      if (found.outcome == Search::Outcome::none) return true;
      if (found.outcome == Search::Outcome::unknown) {
        out_.is_complete = false;
        return false;
      }
      std::optional<Search::Wanted> blocker;
      for (std::size_t i = 0; i < ranks_.size() && !blocker; ++i) {
        blocker = lacking((*claim_.sides)[i], ranks_[i], found.path);
        if (!blocker) blocker = overruling((*claim_.sides)[i], ranks_[i], found.path);
      }
      if (blocker) {
        wanted.push_back(*blocker);
        continue;
      }
      if (ranks_.size() < claim_.sides->size()) return extend(wanted);
      report(found.path);
      return false;
    }
  }

  static Search::Want wanted_of(const Side& side) {
    return side.is_sure ? Search::Want::must : Search::Want::may;
  }

  // The part of a rule that the path is not in.
  std::optional<Search::Wanted> lacking(const Side& side, std::size_t rank,
                                        const Search::Path& path) {
    if (!side.list->is_rule(rank)) return std::nullopt;
    for (const Search::Node part : side.list->of(rank).parts) {
      const Search::Answer answer = search_.ask(part, path, claim_.scope.above);
      if (!(side.is_sure ? answer.must : answer.may)) return Search::Wanted{part, wanted_of(side)};
    }
    return std::nullopt;
  }

  // What to want so that no later rule of another effect decides about the path.
  std::optional<Search::Wanted> overruling(const Side& side, std::size_t rank,
                                           const Search::Path& path) {
    for (std::size_t later = 0; later < rank; ++later) {
      if (side.list->effect(later) == side.effect) continue;
      using Want = Search::Want;
      const Search::Node node = side.list->of(later).whole;
      const Search::Answer answer = search_.ask(node, path, claim_.scope.above);
      if (side.is_sure ? answer.may : answer.must) {
        return Search::Wanted{node, side.is_sure ? Want::must_not : Want::may_not};
      }
    }
    return std::nullopt;
  }

  void report(const Search::Path& path) {
    const std::vector<Side>& sides = *claim_.sides;
    Fault fault{claim_.kind,
                claim_.question,
                search_.spell(path),
                claim_.scope.above,
                sides[1].list->source(ranks_[1]),
                sides[0].list->source(ranks_[0])};
    if (fault.policy_rule == kNoRule) fault.policy_rule.reset();
    const bool is_open = claim_.kind != Fault::Kind::moved && !is_certain(sides[0], path);
    if (is_open) fault.kind = Fault::Kind::depends;
    out_.faults.push_back(std::move(fault));
  }

  bool is_certain(const Side& side, const Search::Path& path) {
    for (std::size_t rank = 0; rank < side.list->size(); ++rank) {
      if (!side.list->is_rule(rank)) return true;
      const Search::Answer answer = search_.ask(side.list->of(rank).whole, path, std::nullopt);
      if (answer.must) return side.list->effect(rank) == side.effect;
      if (answer.may && side.list->effect(rank) != side.effect) return false;
    }
    return true;
  }

  const PolicyRules& policy_;
  const std::vector<ProfileRules>& profile_;
  Search search_;
  // What is looked for, and the rules that are to decide, one of each of the first sides.
  struct Claim {
    Fault::Kind kind;
    Question question;
    const std::vector<Side>* sides;
    Search::Scope scope;
  };
  Claim claim_{};
  std::vector<std::size_t> ranks_;
  Proof out_;
};

}  // namespace

Proof prove_profile(const PolicyRules& policy, const std::vector<ProfileRules>& profile,
                    const Leaves& leaves) {
  return Prover(policy, profile, leaves).run();
}

}  // namespace srt::verify::sbpl
