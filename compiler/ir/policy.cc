#include "compiler/ir/policy.h"

#include <algorithm>

namespace srt::ir {

ParameterId Policy::intern(const Parameter& parameter) {
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [&](const Parameter& p) { return p.name == parameter.name; });
  if (found != parameters.end()) return static_cast<ParameterId>(found - parameters.begin());
  parameters.push_back(parameter);
  return static_cast<ParameterId>(parameters.size() - 1);
}

glob::AnchorId Policy::intern(const Template& anchor) {
  const auto found = std::find(anchors.begin(), anchors.end(), anchor);
  if (found != anchors.end()) return static_cast<glob::AnchorId>(found - anchors.begin());
  anchors.push_back(anchor);
  return static_cast<glob::AnchorId>(anchors.size() - 1);
}

std::optional<std::string> Policy::option(OptionKind kind, Target target) const {
  std::optional<std::string> value;
  for (const OptionSetting& setting : options) {
    if (setting.kind == kind && setting.targets.has(target)) value = setting.value;
  }
  return value;
}

Policy select(Policy policy, Target target) {
  const auto keep = [&](auto& list) {
    std::erase_if(list, [&](const auto& entry) { return !entry.targets.has(target); });
    for (auto& entry : list) entry.targets = Targets::all();
  };
  keep(policy.rules);
  keep(policy.variables);
  keep(policy.limits);
  keep(policy.options);
  keep(policy.expectations);
  // What a program listens on is the sandbox's own on Linux, never the host's.
  auto& bind = policy.defaults[static_cast<std::size_t>(Operation::bind)];
  if (target == Target::linux && !bind) bind = Effect::allow;
  return policy;
}

void add_implied_reads(Policy& policy) {
  if (policy.default_of(Operation::read) == Effect::allow) return;
  std::vector<Rule> implied;
  for (const Rule& rule : policy.rules) {
    if (rule.operation != Operation::write || rule.effect != Effect::allow) continue;
    Rule read = rule;
    read.operation = Operation::read;
    read.implied = true;
    read.text = spell(policy, read) + " (brought by allow write)";  // nobody wrote it
    implied.push_back(std::move(read));
  }
  const auto first_read =
      std::find_if(policy.rules.begin(), policy.rules.end(),
                   [](const Rule& rule) { return rule.operation == Operation::read; });
  policy.rules.insert(first_read, implied.begin(), implied.end());
}

}  // namespace srt::ir
