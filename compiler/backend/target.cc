#include "compiler/backend/target.h"

#include <algorithm>
#include <set>
#include <vector>

#include "compiler/glob/algebra.h"

namespace srt {
namespace {

// Whether some grant to write reaches a place that the rule speaks of: only there can a name of its
// appear while the command runs.
bool can_appear(const ir::Policy& policy, const ir::Rule& rule) {
  if (policy.default_of(Operation::write) == Effect::allow) return true;
  std::vector<const glob::PathSet*> grants;
  for (const ir::Rule& grant : policy.rules) {
    const bool is_grant = grant.operation == Operation::write && grant.effect == Effect::allow;
    if (is_grant) grants.push_back(&grant.paths());
  }
  return glob::intersects_any(rule.paths(), grants);
}

Fidelity linux_fidelity(const ir::Policy& policy, const ir::Rule& rule) {
  using Verdict = Fidelity::Verdict;
  if (!is_file_operation(rule.operation)) return {};
  if (rule.effect == Effect::deny) {
    if (rule.existing || !can_appear(policy, rule)) return {};
    return {Verdict::at_launch, "a name that is not there yet can still be created"};
  }
  const bool by_default = policy.default_of(rule.operation) == Effect::allow;
  if (rule.paths().pattern.is_plain() || by_default) return {};
  return {Verdict::tighter, "only what matches when the run starts is granted, no name after that"};
}

Fidelity macos_fidelity(const ir::Rule& rule) {
  if (!rule.existing) return {};
  return {Fidelity::Verdict::tighter, "names that appear later are denied too"};
}

}  // namespace

Fidelity fidelity(const ir::Policy& policy, const ir::Rule& rule, Target target) {
  return target == Target::linux ? linux_fidelity(policy, rule) : macos_fidelity(rule);
}

void report_fidelity(const ir::Policy& policy, FileId file, Diagnostics& diagnostics) {
  const ir::Rule* first = nullptr;
  std::set<std::uint32_t> at_launch;  // where the patterns stand: one can have become many rules
  for (const ir::Rule& rule : policy.rules) {
    if (rule.origin.file != file || rule.implied) continue;
    const Fidelity found = fidelity(policy, rule, Target::linux);
    if (found.verdict == Fidelity::Verdict::tighter) {
      diagnostics.report(Diag::tighter_on_linux, rule.origin, rule.text, found.reason).help =
          "grant the directory that holds the names";
    } else if (found.verdict == Fidelity::Verdict::at_launch) {
      if (first == nullptr) first = &rule;
      at_launch.insert(rule.origin.begin);
    }
  }
  if (first == nullptr) return;
  // One note for all: it is about what this version does on Linux, not about any of the rules.
  const std::string others =
      at_launch.size() == 1 ? "" : fmt::format(" and {} more", at_launch.size() - 1);
  diagnostics.report(Diag::at_launch_on_linux, first->origin, first->text, others).help =
      "`srtc explain` tells of each rule; `srt-run --dry-run` lists names that are not there";
}

}  // namespace srt
