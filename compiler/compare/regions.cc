#include "compiler/compare/regions.h"

#include <algorithm>

namespace srt::compare {
namespace {

using Answer = Sets::Answer;

// What one rule of a list decides, or its fallback: all that the rule matches and none below it
// with the other effect does.
struct Term {
  const Rules* rules;
  std::size_t first_below;
  std::optional<Member> set;  // none for the fallback
};

// The fallback first, as it is the largest; then from below, where what a policy says itself
// stands.
std::vector<Term> terms(const Rules& rules, Effect effect) {
  std::vector<Term> out;
  if (rules.fallback == effect) out.push_back({&rules, 0, std::nullopt});
  for (std::size_t i = rules.rulings.size(); i-- > 0;) {
    if (rules.rulings[i].effect == effect) out.push_back({&rules, i + 1, rules.rulings[i].set});
  }
  return out;
}

void add(std::vector<Member>& members, Member member) {
  if (std::find(members.begin(), members.end(), member) == members.end()) members.push_back(member);
}

void add_sets(Region& region, const Term& term) {
  if (term.set) add(region.in, *term.set);
}

// What takes from the term's set: rules below with the other effect.
void add_exceptions(Region& region, const Term& term, Effect effect) {
  for (std::size_t i = term.first_below; i < term.rules->rulings.size(); ++i) {
    const Rules::Ruling& ruling = term.rules->rulings[i];
    if (ruling.effect != effect) region.out.push_back(ruling.set);
  }
}

// Keeps each member once, and says whether a set is to be in itself and not.
bool is_contradiction(Region& region) {
  std::sort(region.out.begin(), region.out.end());
  region.out.erase(std::unique(region.out.begin(), region.out.end()), region.out.end());
  return std::any_of(region.in.begin(), region.in.end(), [&](Member member) {
    return std::binary_search(region.out.begin(), region.out.end(), member);
  });
}

class Finder {
 public:
  Finder(Sets& sets, std::span<const Region> known, std::size_t max)
      : sets_(sets), known_(known), max_(max) {}

  // Goes on from terms that are chosen: one of each list that has to allow.
  void choose(std::span<const Rules> allowing, std::span<const Rules> denying,
              std::vector<Term>& chosen) {
    if (!allowing.empty()) {
      for (const Term& term : terms(allowing.front(), Effect::allow)) {
        chosen.push_back(term);
        if (may_meet(chosen)) choose(allowing.subspan(1), denying, chosen);
        chosen.pop_back();
        if (out_.has_more) return;
      }
      return;
    }
    for (const Rules& rules : denying) {
      for (const Term& term : terms(rules, Effect::deny)) {
        chosen.push_back(term);
        if (may_meet(chosen)) look_at(chosen);
        chosen.pop_back();
        if (out_.has_more) return;
      }
    }
  }

  Regions take() {
    // What was found first may lie in what was found later.
    std::vector<Region>& regions = out_.regions;
    for (std::size_t i = 0; i < regions.size();) {
      const bool is_covered = std::any_of(regions.begin(), regions.end(), [&](const Region& other) {
        return &other != &regions[i] && covers(other, regions[i]);
      });
      if (is_covered) {
        regions.erase(regions.begin() + static_cast<std::ptrdiff_t>(i));
      } else {
        ++i;
      }
    }
    return std::move(out_);
  }

 private:
  bool may_meet(const std::vector<Term>& chosen) {
    Region region;
    for (const Term& term : chosen) add_sets(region, term);
    return sets_.may_meet(region.in);
  }

  void look_at(const std::vector<Term>& chosen) {
    Region region;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      add_sets(region, chosen[i]);
      add_exceptions(region, chosen[i], i + 1 < chosen.size() ? Effect::allow : Effect::deny);
    }
    if (is_contradiction(region) || is_told(region)) return;
    const Answer answer = sets_.find(region.in, region.out);
    if (answer == Answer::unknown) out_.is_complete = false;
    if (answer != Answer::found) return;
    const bool is_covered = std::any_of(out_.regions.begin(), out_.regions.end(),
                                        [&](const Region& known) { return covers(known, region); });
    if (is_covered) return;
    out_.has_more = out_.regions.size() == max_;
    if (!out_.has_more) out_.regions.push_back(reduced(std::move(region)));
  }

  bool is_told(const Region& region) const {
    return std::any_of(known_.begin(), known_.end(), [&](const Region& known) {
      return std::all_of(known.in.begin(), known.in.end(), [&](Member member) {
        return std::find(region.in.begin(), region.in.end(), member) != region.in.end();
      });
    });
  }

  bool is_none(std::vector<Member> in, std::vector<Member> out) {
    return sets_.find(in, out) == Answer::none;
  }

  bool covers(const Region& known, const Region& region) {
    for (const Member member : known.in) {
      std::vector<Member> out = region.out;
      out.push_back(member);
      if (!is_none(region.in, std::move(out))) return false;
    }
    return std::all_of(known.out.begin(), known.out.end(), [&](Member member) {
      if (std::find(region.out.begin(), region.out.end(), member) != region.out.end()) return true;
      std::vector<Member> in = region.in;
      in.push_back(member);
      return is_none(std::move(in), region.out);
    });
  }

  // The same region by fewer sets: without those that others make no difference to.
  Region reduced(Region region) {
    for (std::size_t i = 0; i < region.in.size() && region.in.size() > 1;) {
      std::vector<Member> others = region.in;
      others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
      if (is_none(others, {region.in[i]})) {
        region.in = std::move(others);
      } else {
        ++i;
      }
    }
    std::erase_if(region.out, [&](Member member) {
      std::vector<Member> in = region.in;
      in.push_back(member);
      return is_none(std::move(in), {});
    });
    for (std::size_t i = 0; i < region.out.size();) {
      std::vector<Member> others = region.out;
      others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
      std::vector<Member> in = region.in;
      in.push_back(region.out[i]);
      if (is_none(std::move(in), others)) {
        region.out = std::move(others);
      } else {
        ++i;
      }
    }
    return region;
  }

  Sets& sets_;
  std::span<const Region> known_;
  std::size_t max_;
  Regions out_;
};

}  // namespace

Regions differences(Sets& sets, std::span<const Rules> allowing, std::span<const Rules> denying,
                    std::span<const Region> known, std::size_t max) {
  if (std::equal(allowing.begin(), allowing.end(), denying.begin(), denying.end())) return {};
  Finder finder(sets, known, max);
  std::vector<Term> chosen;
  finder.choose(allowing, denying, chosen);
  return finder.take();
}

}  // namespace srt::compare
