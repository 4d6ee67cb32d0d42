// What is said of what order.cc finds.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "compiler/glob/canonical.h"
#include "compiler/lint/order.h"

namespace srt::lint {
namespace {

constexpr FileId kPolicyFile = 0;

bool has_order(const Subject& subject) { return !subject.policy.is_settings; }

std::string and_more_rules(std::size_t count) {
  if (count == 1) return {};
  return fmt::format(" and of {} more rule{}", count - 1, count == 2 ? "" : "s");
}

void report(const Subject& subject, const std::vector<Reopening>& found, Diagnostics& diagnostics) {
  const ir::Rule& allow = subject.policy.rules[found[0].allow];
  const ir::Rule& deny = subject.policy.rules[found[0].deny];
  // Whichever of the two a person wrote can be moved.
  const bool at_allow = is_written(subject, allow);
  Diagnostic& diagnostic =
      diagnostics.report(Diag::reopened_deny, at_allow ? allow.origin : deny.origin, allow.text,
                         found[0].whole ? "all" : "part", deny.text, and_more_rules(found.size()),
                         found[0].example, found[0].where);
  const std::string_view module = subject.sources.file(deny.origin.file).name();
  if (!at_allow) {
    diagnostic.help =
        fmt::format("move it below `use {}`", subject.sources.file(allow.origin.file).name());
  } else if (is_written(subject, deny)) {
    diagnostic.help = fmt::format("the last match decides: move {} below this",
                                  subject.sources.location(deny.origin));
  } else if (module == "std.world") {
    diagnostic.help = fmt::format("write `{}` below it", deny.text);
  } else {
    diagnostic.help = fmt::format("move `use {}` below this line", module);
  }
}

// Whether the rules say the same of the same paths, though not by the same pattern.
bool is_respelled(const ir::Rule& a, const ir::Rule& b) {
  return a.effect == b.effect && a.has_paths() && b.has_paths() && a.paths() != b.paths() &&
         glob::same_paths(a.paths(), b.paths());
}

std::string covered_by(const Subject& subject, const ir::Rule& dead,
                       const std::vector<std::size_t>& rules) {
  constexpr std::size_t kMaxShown = 3;
  std::string out;
  for (std::size_t i = 0; i < rules.size() && i < kMaxShown; ++i) {
    const ir::Rule& rule = subject.policy.rules[rules[i]];
    out += fmt::format("{}`{}` at {}", i == 0 ? "" : " and ", rule.text,
                       subject.sources.location(rule.origin));
  }
  if (rules.size() == 1 && is_respelled(dead, subject.policy.rules[rules[0]])) {
    return out + " is the same, spelled otherwise";
  }
  if (rules.size() > kMaxShown) out += fmt::format(" and {} more", rules.size() - kMaxShown);
  return out + (rules.size() == 1 ? " covers it" : " cover it");
}

}  // namespace

void check_reopened(const Subject& subject, Order& order, Diagnostics& diagnostics) {
  if (!has_order(subject)) return;
  // One message for what a grant does to the denies of the policy in the same arrangement, and one
  // for each module: below the last grant it would hold against all of them.
  std::map<std::pair<std::size_t, std::string>, std::vector<Reopening>> written;
  std::map<FileId, std::vector<Reopening>> modules;
  for (const Reopening& found : order.reopened()) {
    const ir::Rule& deny = subject.policy.rules[found.deny];
    if (is_written(subject, deny)) {
      written[{found.allow, found.where}].push_back(found);
      continue;
    }
    std::vector<Reopening>& module = modules[deny.origin.file];
    if (!module.empty() && module[0].allow != found.allow) module.clear();
    module.push_back(found);
  }
  for (const auto& [key, found] : written) report(subject, found, diagnostics);
  for (const auto& [file, found] : modules) report(subject, found, diagnostics);
}

void check_dead(const Subject& subject, Order& order, Diagnostics& diagnostics) {
  if (!has_order(subject)) return;
  for (const DeadRule& found : order.dead()) {
    const ir::Rule& rule = subject.policy.rules[found.rule];
    Diagnostic& diagnostic = diagnostics.report(Diag::dead_rule, rule.origin, rule.text,
                                                covered_by(subject, rule, found.covering));
    diagnostic.help = "remove it";
    const auto other =
        std::find_if(found.covering.rbegin(), found.covering.rend(),
                     [&](std::size_t i) { return subject.policy.rules[i].effect != rule.effect; });
    if (other == found.covering.rend()) continue;
    diagnostic.help +=
        ", or move it below " + subject.sources.location(subject.policy.rules[*other].origin);
  }
}

void check_budget(const Subject& subject, const Order& order, Diagnostics& diagnostics) {
  if (!order.is_exhausted()) return;
  diagnostics.report(Diag::not_all_compared, Span{kPolicyFile, 0, 0}, subject.policy.rules.size());
}

}  // namespace srt::lint
