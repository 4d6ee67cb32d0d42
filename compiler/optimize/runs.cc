#include "compiler/optimize/runs.h"

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>
#include <utility>

#include "compiler/optimize/optimize.h"

namespace srt::optimize {

std::vector<std::size_t> runs_of(const ir::Policy& policy) {
  using Kind = std::pair<Effect, bool>;
  std::array<std::optional<Kind>, kOperations.size()> kinds;
  std::array<std::size_t, kOperations.size()> current{};
  std::size_t count = 0;
  std::vector<std::size_t> out;
  for (const ir::Rule& rule : policy.rules) {
    const auto operation = static_cast<std::size_t>(rule.operation);
    const Kind kind(rule.effect, rule.existing);
    if (kinds[operation] != kind) {
      kinds[operation] = kind;
      current[operation] = count++;
    }
    out.push_back(current[operation]);
  }
  return out;
}

bool holds_within(Targets a, Targets b) { return (!a.linux || b.linux) && (!a.macos || b.macos); }

bool hold_everywhere(const ir::Policy& policy) {
  return std::all_of(policy.rules.begin(), policy.rules.end(), [](const ir::Rule& rule) {
    return !is_file_operation(rule.operation) || rule.targets == Targets::all();
  });
}

bool are_alike(const ir::Rule& a, const ir::Rule& b) {
  const auto seen = [](const ir::Rule& rule) {
    return std::tie(rule.operation, rule.effect, rule.existing, rule.because, rule.publish,
                    rule.any_tls_name);
  };
  return seen(a) == seen(b);
}

Outcome without(ir::Policy policy, const std::vector<bool>& is_dropped) {
  std::vector<ir::Rule> kept;
  for (std::size_t i = 0; i < policy.rules.size(); ++i) {
    if (!is_dropped[i]) kept.push_back(std::move(policy.rules[i]));
  }
  const bool changed = kept.size() != policy.rules.size();
  policy.rules = std::move(kept);
  return {std::move(policy), changed};
}

}  // namespace srt::optimize
