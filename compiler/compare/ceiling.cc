#include "compiler/compare/ceiling.h"

#include <fmt/format.h>

#include "compiler/compare/compare.h"
#include "compiler/compare/grants.h"

namespace srt::compare {

void check_ceiling(const ir::Policy& policy, std::string_view name, const ir::Policy& ceiling,
                   std::string_view ceiling_name, Span origin, Diagnostics& diagnostics) {
  const Comparison found = compare(ceiling, policy, Targets::all());
  for (const Difference& difference : found.differences) {
    // A proxy that the ceiling does not name decides where connections lead.
    const bool is_other_option =
        difference.change == Change::other && difference.operation == "option";
    if (difference.change != Change::wider && !is_other_option) continue;
    const std::string example =
        difference.example.empty()
            ? std::string()
            : fmt::format(", as `{}`{}{}", difference.example, difference.where.empty() ? "" : " ",
                          difference.where);
    const ir::Rule* const grant = rule_behind(policy, difference, Effect::allow);
    const bool is_named = grant != nullptr && !grant->built_in;
    Diagnostic& diagnostic =
        diagnostics.report(Diag::above_ceiling, is_named ? grant->origin : origin, name,
                           ceiling_name, spell(difference), example);
    const ir::Rule* const deny = rule_behind(ceiling, difference, Effect::deny);
    if (deny != nullptr) {
      diagnostic.help = fmt::format("`{}` has `{}`: {}", ceiling_name, deny->text, diagnostic.help);
    }
  }
  for (const std::string& operation : found.unfinished) {
    diagnostics.report(Diag::ceiling_unproved, origin, name, operation, ceiling_name);
  }
}

void check_ceilings(const ir::Policy& policy, const SourceSet& sources, Diagnostics& diagnostics) {
  constexpr FileId kPolicyFile = 0;
  for (const ir::Ceiling& ceiling : policy.ceilings) {
    if (!ceiling.policy) continue;
    check_ceiling(policy, sources.file(kPolicyFile).name(), *ceiling.policy,
                  sources.file(ceiling.file).name(), ceiling.origin, diagnostics);
  }
}

}  // namespace srt::compare
