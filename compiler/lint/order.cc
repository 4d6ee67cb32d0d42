#include "compiler/lint/order.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "compiler/glob/begins.h"
#include "compiler/lint/subjects.h"
#include "runtime/base/printable.h"

namespace srt::lint {
namespace {

using glob::Family;

// What a pair of rules about hosts, ports or names takes, counted in steps of those about paths.
constexpr std::size_t kStepsOfPair = 200;

// Directories of the system, in which nobody has a project: a grant for the working directory is no
// exception from a deny there.
constexpr std::array<std::string_view, 18> kSystem = {
    "/etc", "/usr",  "/bin", "/sbin", "/lib",    "/lib32",   "/lib64",   "/libx32",    "/boot",
    "/dev", "/proc", "/sys", "/run",  "/System", "/Library", "/private", "/nix/store", "/var/lib"};

bool is_of_system(const std::string& path) {
  return std::any_of(kSystem.begin(), kSystem.end(), [&](std::string_view directory) {
    return path.starts_with(directory) &&
           (path.size() == directory.size() || path[directory.size()] == '/');
  });
}

// The directory that an absolute pattern names before its first wildcard.
std::string literal_directory(const glob::PathPattern& pattern) {
  if (pattern.atoms.empty() || pattern.atoms[0].kind != glob::Atom::Kind::literal) return {};
  const std::string& bytes = pattern.atoms[0].bytes;
  return pattern.is_plain() ? bytes : bytes.substr(0, bytes.rfind('/'));
}

}  // namespace

// The rules about the paths of one operation.
struct Order::Paths {
  Paths(const ir::Policy& policy, Operation operation, const std::string& bytes, std::size_t steps)
      : member(policy.rules.size()),
        family(sets(policy, operation), policy.anchors.size(), bytes, steps) {}

  std::vector<const glob::PathSet*> sets(const ir::Policy& policy, Operation operation) {
    std::vector<const glob::PathSet*> out;
    for (std::size_t i = 0; i < policy.rules.size(); ++i) {
      const ir::Rule& rule = policy.rules[i];
      if (rule.operation != operation || !rule.has_paths()) continue;
      member[i] = static_cast<Family::Member>(out.size());
      number.push_back(i);
      out.push_back(&rule.paths());
    }
    return out;
  }

  std::vector<Family::Member> members(const std::vector<std::size_t>& rules) const {
    std::vector<Family::Member> out;
    for (const std::size_t i : rules) out.push_back(member[i]);
    return out;
  }

  Family::Found find(const std::vector<std::size_t>& in, const std::vector<std::size_t>& out,
                     const Arrangement* arrangement) {
    return family.find(members(in), members(out),
                       arrangement == nullptr ? nullptr : &arrangement->directories);
  }

  bool is_none(const std::vector<std::size_t>& in, const std::vector<std::size_t>& out,
               const Arrangement* arrangement) {
    return find(in, out, arrangement).answer == Family::Answer::none;
  }

  std::vector<Family::Member> member;  // by rule
  std::vector<std::size_t> number;     // of the rule, by member
  Family family;
  glob::Begins denies;  // in the common arrangement
};

Order::Order(const Subject& subject, std::size_t max_steps)
    : subject_(subject),
      max_steps_(max_steps),
      pairs_left_(max_steps / kStepsOfPair),
      arrangements_(subject.policy, subject.target) {
  for (std::size_t i = 0; i < subject.policy.rules.size(); ++i) {
    written_.push_back(is_written(subject, rule(i)));
    if (rule(i).effect != Effect::deny || rule(i).has_parameters()) continue;
    denies_[sort_of(i)].push_back(i);
    alternatives_[{rule(i).origin.file, rule(i).origin.begin}].push_back(i);
  }
}

Order::~Order() = default;

Order::Paths& Order::paths(Operation operation) {
  std::unique_ptr<Paths>& known = paths_[operation];
  if (!known) {
    known = std::make_unique<Paths>(subject_.policy, operation, arrangements_.bytes(), max_steps_);
    std::vector<glob::Begins::Entry> denies;
    for (const std::size_t i : known->number) {
      if (rule(i).effect == Effect::deny) denies.emplace_back(beginning(i), i);
    }
    known->denies = glob::Begins(std::move(denies));
  }
  return *known;
}

bool Order::is_exhausted() const {
  return pairs_left_ == 0 || std::any_of(paths_.begin(), paths_.end(), [](const auto& entry) {
           return entry.second->family.is_exhausted();
         });
}

Order::Sort Order::sort_of(std::size_t i) const {
  return {rule(i).operation, rule(i).subject.index()};
}

// Of hosts and ports that are known at launch only nothing is claimed.
bool Order::same_sort(std::size_t a, std::size_t b) const {
  return sort_of(a) == sort_of(b) && !rule(a).has_parameters();
}

bool Order::is_inside(std::size_t a, std::size_t of, const Arrangement& arrangement) {
  if (!rule(a).has_paths()) return is_covered(rule(a), rule(of));
  return paths(rule(a).operation).is_none({a}, {of}, &arrangement);
}

bool Order::is_strictly_inside(std::size_t allow, std::size_t deny,
                               const Arrangement& arrangement) {
  return is_inside(allow, deny, arrangement) && !is_inside(deny, allow, arrangement);
}

// Whether the grant is one from the deny, or from another alternative of the same pattern: where
// one is written with braces, as in `{.env,.env.*}`, the exception is one from all of it.
bool Order::is_exception(std::size_t deny, std::size_t allow) {
  // Taking back just what a module denies is an exception from the module.
  if (!written_[deny] && is_inside(allow, deny, arrangements_.common())) {
    return true;
  }
  for (const std::size_t i : alternatives_[{rule(deny).origin.file, rule(deny).origin.begin}]) {
    if (i >= allow || !same_sort(i, deny)) continue;
    if (is_strictly_inside(allow, i, arrangements_.common())) return true;
    const Arrangement* const project = as_project(allow);
    if (project != nullptr && is_strictly_inside(allow, i, *project)) return true;
  }
  return false;
}

// The arrangement in which what the grant starts from is a project in the home directory.
const Arrangement* Order::as_project(std::size_t allow) {
  if (!rule(allow).has_paths() || !rule(allow).paths().pattern.anchor) return nullptr;
  const glob::AnchorId anchor = *rule(allow).paths().pattern.anchor;
  const auto [known, is_new] = projects_.try_emplace(anchor);
  if (is_new) known->second = arrangements_.as_project(anchor);
  return known->second ? &*known->second : nullptr;
}

// What the paths of a rule begin with in the common arrangement.
std::string Order::beginning(std::size_t i) const {
  const glob::PathPattern& pattern = rule(i).paths().pattern;
  const std::string directory =
      pattern.anchor ? arrangements_.common().directories[*pattern.anchor] : std::string();
  return directory + std::string(glob::first_literal(pattern));
}

// The denies that may speak of what the grant does in the common arrangement.
std::vector<std::size_t> Order::denies_near(std::size_t allow) {
  if (!rule(allow).has_paths()) return denies_[sort_of(allow)];
  return paths(rule(allow).operation).denies.near(beginning(allow));
}

// A deny of what exists holds what another one of that sort does, but not what every deny does.
std::vector<std::size_t> Order::below(std::size_t deny, std::size_t allow,
                                      const std::vector<std::size_t>& denies) const {
  std::vector<std::size_t> out;
  for (auto i = std::upper_bound(denies.begin(), denies.end(), allow); i != denies.end(); ++i) {
    if (!rule(*i).existing || rule(deny).existing) out.push_back(*i);
  }
  return out;
}

bool Order::is_whole(std::size_t deny, std::size_t allow, const std::vector<std::size_t>& below,
                     const Arrangement& arrangement) {
  if (!is_inside(deny, allow, arrangement)) return false;
  return std::all_of(below.begin(), below.end(), [&](std::size_t other) {
    if (!rule(deny).has_paths()) return !common_subject(rule(deny), rule(other), {}).has_value();
    return paths(rule(deny).operation).is_none({deny, other}, {}, &arrangement);
  });
}

std::optional<Reopening> Order::path_reopening(std::size_t deny, std::size_t allow,
                                               const std::vector<std::size_t>& below,
                                               const Arrangement& arrangement) {
  const Family::Found found = paths(rule(deny).operation).find({deny, allow}, below, &arrangement);
  if (found.answer != Family::Answer::found) return std::nullopt;
  return Reopening{deny,
                   allow,
                   is_whole(deny, allow, below, arrangement),
                   printable(arrangements_.spell(found.witness.path, arrangement)),
                   arrangement.values,
                   arrangement.where};
}

std::optional<Reopening> Order::other_reopening(std::size_t deny, std::size_t allow,
                                                const std::vector<std::size_t>& below) {
  std::vector<const ir::Rule*> without;
  for (const std::size_t i : below) without.push_back(&rule(i));
  std::optional<std::string> example = common_subject(rule(deny), rule(allow), without);
  if (!example) return std::nullopt;
  const Arrangement& common = arrangements_.common();
  return Reopening{deny,          allow, is_whole(deny, allow, below, common), *std::move(example),
                   common.values, {}};
}

// Arrangements in which the grant reaches the deny though in the common one it does not, as when
// the command is started from the home directory itself.
const std::vector<Arrangement>& Order::odd_arrangements(std::size_t deny, std::size_t allow) {
  static const std::vector<Arrangement> kNone;
  const glob::PathPattern& closed = rule(deny).paths().pattern;
  const glob::PathPattern& open = rule(allow).paths().pattern;
  if (!open.anchor) return kNone;
  const std::string directory = closed.anchor ? std::string() : literal_directory(closed);
  if (!directory.empty() && !is_of_system(directory)) return kNone;
  const auto [known, is_new] = odd_.try_emplace({*open.anchor, closed.anchor, directory});
  if (!is_new) return known->second;
  if (closed.anchor == open.anchor) {
    known->second = arrangements_.elsewhere(*open.anchor);
  } else if (closed.anchor) {
    known->second = arrangements_.above(*open.anchor, *closed.anchor);
  } else {
    known->second = arrangements_.above(*open.anchor, directory);
  }
  return known->second;
}

// False where the first names of two patterns show that they have nothing in common.
bool Order::may_meet(std::size_t deny, std::size_t allow, const Arrangement& arrangement) {
  Paths& known = paths(rule(deny).operation);
  const std::array<Family::Member, 2> both = {known.member[deny], known.member[allow]};
  return known.family.may_meet(both, &arrangement.directories);
}

std::optional<Reopening> Order::reopening(std::size_t deny, std::size_t allow,
                                          const std::vector<std::size_t>& near) {
  const bool deny_written = written_[deny];
  const bool allow_written = written_[allow];
  if (!deny_written && !allow_written) return std::nullopt;
  std::optional<Reopening> found;
  if (!rule(deny).has_paths()) {
    if (pairs_left_ == 0) return std::nullopt;
    --pairs_left_;
    if (!common_subject(rule(deny), rule(allow), {})) return std::nullopt;
    found = other_reopening(deny, allow, below(deny, allow, near));
  } else if (paths(rule(deny).operation).family.is_exhausted()) {
    return std::nullopt;
  } else if (may_meet(deny, allow, arrangements_.common())) {
    found = path_reopening(deny, allow, below(deny, allow, near), arrangements_.common());
  }
  if (!found && rule(deny).has_paths() && deny_written && allow_written) {
    for (const Arrangement& arrangement : odd_arrangements(deny, allow)) {
      if (!may_meet(deny, allow, arrangement)) continue;
      if (is_strictly_inside(allow, deny, arrangement)) continue;
      found =
          path_reopening(deny, allow, below(deny, allow, denies_.at(sort_of(deny))), arrangement);
      if (found) break;
    }
  }
  return found && !is_exception(deny, allow) ? std::move(found) : std::nullopt;
}

std::vector<Reopening> Order::reopened() {
  if (reopened_) return *reopened_;
  reopened_.emplace();
  for (std::size_t allow = 0; allow < subject_.policy.rules.size(); ++allow) {
    if (rule(allow).effect != Effect::allow || rule(allow).implied) continue;
    const std::vector<std::size_t> near = denies_near(allow);
    const bool can_be_odd = rule(allow).has_paths() && rule(allow).paths().pattern.anchor;
    for (const std::size_t deny : can_be_odd ? denies_[sort_of(allow)] : near) {
      if (deny > allow) break;
      if (auto found = reopening(deny, allow, near)) reopened_->push_back(*std::move(found));
    }
  }
  return *reopened_;
}

// The rules below that a rule could be dead for.
std::vector<std::size_t> Order::may_cover(std::size_t i) const {
  std::vector<std::size_t> out;
  // The reads that a write grant brings last longer than the grant.
  const bool brings_reads = rule(i).operation == Operation::write &&
                            rule(i).effect == Effect::allow &&
                            subject_.policy.default_of(Operation::read) == Effect::deny;
  for (std::size_t later = i + 1; later < subject_.policy.rules.size(); ++later) {
    if (!same_sort(i, later) || rule(later).implied || rule(later).existing) continue;
    if (rule(i).publish != rule(later).publish ||
        rule(i).any_tls_name != rule(later).any_tls_name ||
        (brings_reads && rule(later).effect == Effect::deny)) {
      continue;
    }
    out.push_back(later);
  }
  return out;
}

std::optional<std::vector<std::size_t>> Order::covering(std::size_t i) {
  if (rule(i).accepted || rule(i).has_parameters()) return std::nullopt;
  const std::vector<std::size_t> later = may_cover(i);
  std::vector<std::size_t> out;
  if (!rule(i).has_paths()) {
    std::vector<const ir::Rule*> by;
    for (const std::size_t other : later) by.push_back(&rule(other));
    const auto found = lint::covering(rule(i), by);
    if (!found) return std::nullopt;
    for (const std::size_t at : *found) out.push_back(later[at]);
    return out;
  }
  Paths& paths = this->paths(rule(i).operation);
  const Family::Found found = paths.find({i}, later, nullptr);
  if (found.answer != Family::Answer::none) return std::nullopt;
  for (const Family::Member blocker : found.blockers) out.push_back(paths.number[blocker]);
  std::sort(out.begin(), out.end());
  for (std::size_t at = 0; at < out.size() && out.size() > 1;) {
    std::vector<std::size_t> others = out;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(at));
    if (paths.is_none({i}, others, nullptr)) {
      out = std::move(others);
    } else {
      ++at;
    }
  }
  return out;
}

// Whether there is a path that `rule` decides though without it and its like another rule, or the
// default, would decide otherwise. `others` are the rules that stay,
// `like` those that go with it.
bool Order::may_matter(std::size_t i, const std::vector<std::size_t>& others,
                       const std::vector<std::size_t>& like) {
  if (!rule(i).has_paths()) return true;
  Paths& paths = this->paths(rule(i).operation);
  // What of it another one of its like decides.
  std::vector<std::size_t> hidden;
  for (const std::size_t other : like) {
    const bool hides = other > i && same_sort(other, i) && rule(other).effect != rule(i).effect &&
                       !rule(other).existing;
    if (hides) hidden.push_back(other);
  }
  // From the last of the others up: where one decides, none below it matches.
  std::vector<std::size_t> below = hidden;
  for (auto other = others.rbegin(); other != others.rend(); ++other) {
    if (!same_sort(*other, i)) continue;
    const bool would_decide = *other < i && rule(*other).effect != rule(i).effect;
    if (would_decide && !paths.is_none({i, *other}, below, nullptr)) return true;
    if (!rule(*other).existing) below.push_back(*other);
  }
  const bool by_default = subject_.policy.default_of(rule(i).operation) != rule(i).effect;
  return by_default && !paths.is_none({i}, below, nullptr);
}

bool Order::may_matter(const std::vector<std::size_t>& rules, const std::set<std::size_t>& gone) {
  std::vector<std::size_t> others;
  for (std::size_t i = 0; i < subject_.policy.rules.size(); ++i) {
    const bool stays = std::find(rules.begin(), rules.end(), i) == rules.end() && !gone.contains(i);
    if (stays) others.push_back(i);
  }
  return std::any_of(rules.begin(), rules.end(),
                     [&](std::size_t i) { return may_matter(i, others, rules); });
}

std::vector<DeadRule> Order::dead() {
  std::vector<DeadRule> out;
  const std::vector<Reopening> reopened = this->reopened();
  for (std::size_t i = 0; i < subject_.policy.rules.size(); ++i) {
    if (!written_[i]) continue;
    const bool is_reported = std::any_of(reopened.begin(), reopened.end(),
                                         [&](const Reopening& found) { return found.deny == i; });
    if (is_reported) continue;
    if (auto by = covering(i); by && !by->empty()) out.push_back({i, *std::move(by)});
  }
  return out;
}

}  // namespace srt::lint
