#include "compiler/backend/guard.h"

#include <algorithm>
#include <vector>

#include "compiler/backend/syscalls.h"

namespace srt {
namespace {

std::vector<const glob::PathSet*> write_grants(const ir::Policy& policy) {
  std::vector<const glob::PathSet*> out;
  for (const ir::Rule& rule : policy.rules) {
    const bool is_grant =
        rule.targets.linux && rule.operation == Operation::write && rule.effect == Effect::allow;
    if (is_grant) out.push_back(&rule.paths());
  }
  return out;
}

std::string_view obstacle_of(const ir::Policy& policy) {
  if (policy.option(ir::OptionKind::nested, Target::linux)) {
    return "mounts made in namespaces inside give names other paths";
  }
  // Its requests are system calls that no filter sees.
  if (opens_syscall(policy, "io_uring_setup")) {
    return "io_uring makes names that nothing can judge";
  }
  return {};
}

}  // namespace

Guarding::Guarding(const ir::Policy& policy)
    : writes_everywhere_(policy.default_of(Operation::write) == Effect::allow),
      grants_(write_grants(policy)),
      obstacle_(obstacle_of(policy)) {}

bool Guarding::takes_guard(const ir::Rule& rule) const {
  if (!rule.targets.linux || !is_file_operation(rule.operation)) return false;
  if (rule.effect == Effect::allow || rule.existing) return false;
  return writes_everywhere_ || grants_.intersect(rule.paths());
}

bool guards_names(const ir::Policy& policy) {
  const Guarding guarding(policy);
  return guarding.obstacle().empty() &&
         std::any_of(policy.rules.begin(), policy.rules.end(),
                     [&](const ir::Rule& rule) { return guarding.takes_guard(rule); });
}

bool accepts_no_guard(const ir::Policy& policy) {
  const Guarding guarding(policy);
  return std::all_of(policy.rules.begin(), policy.rules.end(), [&](const ir::Rule& rule) {
    const bool is_in_every_policy = rule.built_in && !rule.use;
    return is_in_every_policy || !guarding.takes_guard(rule) ||
           (rule.accepted && rule.accepted->targets.linux);
  });
}

}  // namespace srt
