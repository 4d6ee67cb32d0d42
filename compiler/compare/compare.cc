#include "compiler/compare/compare.h"

#include <algorithm>
#include <array>
#include <map>

#include "compiler/compare/frame.h"
#include "compiler/compare/hosts.h"
#include "compiler/compare/names.h"
#include "compiler/compare/others.h"
#include "compiler/compare/paths.h"

namespace srt::compare {
namespace {

// More differences of one operation than anyone reads.
constexpr std::size_t kMaxDifferences = 12;

constexpr std::array kChanges = {Change::wider, Change::narrower};

// Every path: what `unix *` says of sockets that have one.
const glob::PathSet& all_paths() {
  static const glob::PathSet kAll = {{std::nullopt, {}, true}, {}, std::nullopt};
  return kAll;
}

bool is_abstract(const ir::Rule& rule) { return rule.has_names() && rule.names().text() != "*"; }

// The rules of an operation about paths, as sets.
Rules path_rules(const ir::Policy& policy, Operation operation, PathSets& sets) {
  Rules out{{}, policy.default_of(operation)};
  for (const ir::Rule& rule : policy.rules) {
    if (rule.operation != operation || is_abstract(rule)) continue;
    const glob::PathSet& paths = rule.has_paths() ? rule.paths() : all_paths();
    out.rulings.push_back({rule.effect, sets.member(paths)});
  }
  return out;
}

Rules name_rules(const ir::Policy& policy, Operation operation, NameSets& sets) {
  Rules out{{}, policy.default_of(operation)};
  for (const ir::Rule& rule : policy.rules) {
    if (rule.operation != operation || !rule.has_names()) continue;
    out.rulings.push_back({rule.effect, sets.member(rule.names())});
  }
  return out;
}

// A policy of which the denies of what exists hold nowhere, as for names that appear later.
ir::Policy without_existing(ir::Policy policy) {
  std::erase_if(policy.rules, [](const ir::Rule& rule) { return rule.existing; });
  return policy;
}

bool has_existing(const ir::Policy& policy) {
  return std::any_of(policy.rules.begin(), policy.rules.end(),
                     [](const ir::Rule& rule) { return rule.existing; });
}

// Finds the differences of one target.
class Comparer {
 public:
  Comparer(const Frame& frame, Target target) : frame_(frame), target_(target) {}

  Comparison run() {
    PathSets sets(frame_, target_);
    compare_files(sets, frame_, {});
    if (has_existing(frame_.before) || has_existing(frame_.after)) {
      const Frame later = {without_existing(frame_.before), without_existing(frame_.after)};
      // It names no sets that are new.
      compare_files(sets, later, "of what appears during the run");
    }
    compare_hosts(frame_, target_, out_);
    compare_ports(frame_, target_, out_);
    compare_sockets();
    compare_names(Operation::env);
    if (target_ == Target::linux) {
      compare_syscalls(frame_, out_);
    } else {
      compare_names(Operation::mach);
    }
    compare_settings(frame_, target_, out_);
    return std::move(out_);
  }

 private:
  // A write needs the read too.
  void compare_files(PathSets& sets, const Frame& frame, const std::string& note) {
    const std::array<Rules, 2> before = {path_rules(frame.before, Operation::read, sets),
                                         path_rules(frame.before, Operation::write, sets)};
    const std::array<Rules, 2> after = {path_rules(frame.after, Operation::read, sets),
                                        path_rules(frame.after, Operation::write, sets)};
    for (const std::size_t levels : {std::size_t{1}, std::size_t{2}}) {
      compare(levels == 1 ? Operation::read : Operation::write, sets,
              std::span(before).first(levels), std::span(after).first(levels), note);
    }
  }

  void compare_sockets() {
    PathSets sets(frame_, target_);
    const Rules before = path_rules(frame_.before, Operation::unix, sets);
    const Rules after = path_rules(frame_.after, Operation::unix, sets);
    compare(Operation::unix, sets, {&before, 1}, {&after, 1}, {});
    compare_names(Operation::unix);
  }

  void compare_names(Operation operation) {
    NameSets sets;
    const Rules before = name_rules(frame_.before, operation, sets);
    const Rules after = name_rules(frame_.after, operation, sets);
    compare(operation, sets, before, after, operation == Operation::unix ? "@*" : "*");
  }

  void compare(Operation operation, NameSets& sets, const Rules& before, const Rules& after,
               std::string_view everything) {
    for (const Change change : kChanges) {
      const bool is_wider = change == Change::wider;
      const Rules& more = is_wider ? after : before;
      const Rules& less = is_wider ? before : after;
      report(operation, change, sets,
             differences(sets, {&more, 1}, {&less, 1}, {}, kMaxDifferences), everything, {});
    }
  }

  // First in the arrangement of directories that nearly every run has. Of others, in which they lie
  // in each other otherwise, one example is enough: there are many, and all come of the same rules.
  void compare(Operation operation, PathSets& sets, std::span<const Rules> before,
               std::span<const Rules> after, const std::string& note) {
    for (const Change change : kChanges) {
      const bool is_wider = change == Change::wider;
      const std::span<const Rules> more = is_wider ? after : before;
      const std::span<const Rules> less = is_wider ? before : after;
      std::vector<Region>& known = known_[{operation, change}];
      for (const bool is_common : {true, false}) {
        sets.look_at_common(is_common);
        Regions found =
            differences(sets, more, less, known, is_common ? kMaxDifferences : std::size_t{1});
        // What holds of what exists mostly holds of what appears later.
        known.insert(known.end(), found.regions.begin(), found.regions.end());
        report(operation, change, sets, found, "/**", note);
      }
    }
  }

  template <typename Known>
  void report(Operation operation, Change change, Known& sets, const Regions& found,
              std::string_view everything, const std::string& note) {
    if (!found.is_complete) out_.unfinished.emplace_back(to_string(operation));
    if (found.has_more) out_.more.emplace_back(to_string(operation), change);
    for (const Region& region : found.regions) {
      Difference difference{change, std::string(to_string(operation)), std::string(everything)};
      if (!region.in.empty()) difference.pattern = sets.spell(region.in[0]);
      for (std::size_t i = 1; i < region.in.size(); ++i) {
        difference.inside.push_back(sets.spell(region.in[i]));
      }
      for (const Member member : region.out) difference.except.push_back(sets.spell(member));
      difference.note = note;
      Example example = sets.example(region.in, region.out);
      difference.example = std::move(example.request);
      difference.where = std::move(example.where);
      out_.differences.push_back(std::move(difference));
    }
  }

  const Frame& frame_;
  Target target_;
  std::map<std::pair<Operation, Change>, std::vector<Region>> known_;
  Comparison out_;
};

// The order in which operations and settings are listed.
std::size_t rank(const Difference& difference) {
  if (const auto operation = operation_named(difference.operation)) {
    return static_cast<std::size_t>(*operation);
  }
  return kOperations.size() + (difference.operation == "limit"    ? 0
                               : difference.operation == "option" ? 1
                                                                  : 2);
}

void merge(Comparison& into, Comparison&& from, Target target) {
  for (Difference& difference : from.differences) {
    difference.targets = Targets::only(target);
    const auto same = std::find_if(into.differences.begin(), into.differences.end(),
                                   [&](const Difference& known) {
                                     Difference on_this = known;
                                     on_this.targets = difference.targets;
                                     // Examples name a home directory, which lies elsewhere on
                                     // another target.
                                     on_this.example = difference.example;
                                     on_this.where = difference.where;
                                     return on_this == difference;
                                   });
    if (same == into.differences.end()) {
      into.differences.push_back(std::move(difference));
    } else {
      same->targets = Targets::all();
    }
  }
  into.more.insert(into.more.end(), from.more.begin(), from.more.end());
  into.unfinished.insert(into.unfinished.end(), from.unfinished.begin(), from.unfinished.end());
}

}  // namespace

bool Comparison::has(Change change) const {
  return std::any_of(differences.begin(), differences.end(),
                     [&](const Difference& difference) { return difference.change == change; });
}

Relation Comparison::relation() const {
  const bool is_wider = has(Change::wider);
  const bool is_narrower = has(Change::narrower);
  if (!unfinished.empty() || has(Change::other) || (is_wider && is_narrower)) {
    return Relation::incomparable;
  }
  return is_wider ? Relation::wider : is_narrower ? Relation::narrower : Relation::equal;
}

Comparison compare(const ir::Policy& before, const ir::Policy& after, Targets targets) {
  Comparison out;
  out.targets = targets;
  for (const Target target : kTargets) {
    if (!targets.has(target)) continue;
    const Frame both = frame(ir::select(before, target), ir::select(after, target));
    merge(out, Comparer(both, target).run(), target);
  }
  std::stable_sort(out.differences.begin(), out.differences.end(),
                   [](const Difference& a, const Difference& b) {
                     return std::pair(rank(a), a.change) < std::pair(rank(b), b.change);
                   });
  const auto keep_once = [](auto& list) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
  };
  keep_once(out.more);
  keep_once(out.unfinished);
  return out;
}

}  // namespace srt::compare
