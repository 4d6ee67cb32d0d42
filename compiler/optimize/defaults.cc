#include <array>

#include "compiler/optimize/optimize.h"
#include "compiler/optimize/runs.h"

namespace srt::optimize {
namespace {

// Operations of which a grant by default and one by a rule are the same. A rule about hosts also
// says that a name may lead to an address, one about calls or sockets opens what is closed by
// itself.
bool grants_alike(Operation operation) {
  return is_file_operation(operation) || operation == Operation::env;
}

}  // namespace

Outcome default_elimination(ir::Policy policy, Tables& /*tables*/) {
  std::array<bool, kOperations.size()> is_past_deny{};
  std::vector<bool> is_dropped(policy.rules.size());
  for (std::size_t i = 0; i < policy.rules.size(); ++i) {
    const ir::Rule& rule = policy.rules[i];
    bool& past = is_past_deny[static_cast<std::size_t>(rule.operation)];
    past = past || rule.effect == Effect::deny;
    is_dropped[i] =
        !past && grants_alike(rule.operation) && policy.default_of(rule.operation) == Effect::allow;
  }
  return without(std::move(policy), is_dropped);
}

}  // namespace srt::optimize
