#include "compiler/frontend/front_end.h"
#include "compiler/frontend/limits.h"
#include "compiler/frontend/settings/lower.h"
#include "compiler/frontend/settings/settings.h"

namespace srt::settings {

ir::Policy read_policy(SourceSet& sources, FileId file, Diagnostics& diagnostics) {
  ir::Policy policy;
  policy.is_settings = true;
  const std::optional<Settings> settings = read_settings(sources, file, diagnostics);
  if (!settings) return policy;
  RuleWriter out(sources, policy, diagnostics);
  if (settings->format() == Format::npm) {
    lower_npm(*settings, sources, out);
  } else {
    lower_rust_port(*settings, out);
  }
  if (policy.rules.size() > kMaxRules) {
    diagnostics.report(Diag::too_many_rules, {file, 0, 0}, policy.rules.size(), kMaxRules);
  }
  return policy;
}

}  // namespace srt::settings
