#include "compiler/lint/modules.h"

#include <algorithm>
#include <optional>
#include <set>

namespace srt::lint {
namespace {

std::vector<std::size_t> rules_of(const ir::Policy& policy, std::uint32_t use) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < policy.rules.size(); ++i) {
    if (policy.rules[i].use == use) out.push_back(i);
  }
  return out;
}

std::string name_of(const Subject& subject, const ir::Use& use) {
  return subject.sources.file(use.file).name();
}

// The last rule that takes something of the module back, where there is nothing else left of it.
std::optional<std::size_t> last_override(const Ordered& on, std::uint32_t use) {
  const std::vector<ir::Rule>& rules = on.subject.policy.rules;
  std::optional<std::size_t> last;
  for (const std::size_t i : rules_of(on.subject.policy, use)) {
    if (rules[i].implied) continue;
    const auto by = on.order.covering(i);
    if (!by) return std::nullopt;
    for (const std::size_t other : *by) {
      const bool takes_back = rules[other].effect != rules[i].effect && rules[other].use != use;
      if (takes_back) last = std::max(last.value_or(0), other);
    }
  }
  return last;
}

// The rule, and the target, that take back the last of a module that has no effect.
struct Override {
  const Subject* subject;
  std::size_t rule;
};

std::optional<Override> override_of(std::span<const Ordered> targets, std::uint32_t use) {
  std::optional<Override> found;
  for (const Ordered& on : targets) {
    if (rules_of(on.subject.policy, use).empty()) continue;
    const auto last = last_override(on, use);
    if (!last) return std::nullopt;
    found = {&on.subject, *last};
  }
  return found;
}

}  // namespace

void check_overridden(std::span<const Ordered> targets, Diagnostics& diagnostics) {
  const std::vector<ir::Use>& uses = targets.front().subject.policy.uses;
  for (std::uint32_t use = 0; use < uses.size(); ++use) {
    const auto found = override_of(targets, use);
    if (!found) continue;
    const Subject& subject = *found->subject;
    const ir::Rule& rule = subject.policy.rules[found->rule];
    const std::string place = subject.sources.location(rule.origin);
    diagnostics
        .report(Diag::overridden_module, uses[use].origin, name_of(subject, uses[use]),
                fmt::format("later rules take all of it back, the last of them `{}` at {}",
                            rule.text, place))
        .help = fmt::format("move it below {}, or remove it", place);
  }
}

void check_unused(std::span<const Ordered> targets, Diagnostics& diagnostics) {
  const std::vector<ir::Use>& uses = targets.front().subject.policy.uses;
  // Of two that say the same only one is unused.
  std::vector<std::set<std::size_t>> gone(targets.size());
  for (std::uint32_t use = 0; use < uses.size(); ++use) {
    bool has_rules = false;
    bool is_used = override_of(targets, use).has_value();
    for (std::size_t i = 0; i < targets.size() && !is_used; ++i) {
      const std::vector<std::size_t> rules = rules_of(targets[i].subject.policy, use);
      has_rules = has_rules || !rules.empty();
      is_used = !rules.empty() && targets[i].order.may_matter(rules, gone[i]);
    }
    if (is_used || !has_rules) continue;
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const std::vector<std::size_t> rules = rules_of(targets[i].subject.policy, use);
      gone[i].insert(rules.begin(), rules.end());
    }
    diagnostics.report(Diag::unused_module, uses[use].origin,
                       name_of(targets.front().subject, uses[use]));
  }
}

}  // namespace srt::lint
