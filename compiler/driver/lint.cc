#include "compiler/lint/lint.h"

#include <list>
#include <optional>
#include <vector>

#include "compiler/backend/bundle/bundle.h"
#include "compiler/compare/ceiling.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/decide.h"
#include "compiler/driver/exit_status.h"
#include "compiler/driver/load.h"
#include "compiler/driver/print.h"
#include "compiler/lint/report.h"
#include "compiler/lint/sample.h"
#include "compiler/lint/silence.h"

namespace srt::driver {
namespace {

// A policy on one target, and who answers for it.
struct OnTarget {
  OnTarget(const Compilation& compilation, Target of)
      : target(of), policy(ir::select(compilation.policy, of)) {
    Result<Bundle> lowered = bundle::lower(policy, compilation.sources);
    if (!lowered) return;  // reported by `to_bundle`
    bundle = std::move(*lowered);
    // Where the sample fits nowhere, what is not settled is closed.
    (void)bundle->settle(lint::sample_values(policy, target));
  }

  lint::Answer ask(const lint::Arrangement& arrangement, Operation operation,
                   const std::string& subject) const {
    if (!bundle) return {Effect::deny, std::nullopt};
    Places places;
    places.values = arrangement.values;
    places.anchors = arrangement.directories;
    const Result<Decision> decision = decide(*bundle, places, "/", operation, subject);
    if (!decision) return {Effect::deny, std::nullopt};
    return {decision->effect, decision->rule};
  }

  Target target;
  ir::Policy policy;
  std::optional<Bundle> bundle;
};

// `ceiling` is what `--within` gives.
void check_all(Compilation& compilation, Targets targets, const Compilation* ceiling) {
  if (compilation.diagnostics.has_errors()) return;
  if (!lower(compilation, targets, optimize::Switches::none())) return;
  constexpr FileId kPolicyFile = 0;
  compare::check_ceilings(compilation.policy, compilation.sources, compilation.diagnostics);
  if (ceiling != nullptr) {
    compare::check_ceiling(compilation.policy, compilation.sources.file(kPolicyFile).name(),
                           ceiling->policy, ceiling->sources.file(kPolicyFile).name(),
                           Span{kPolicyFile, 0, 0}, compilation.diagnostics);
  }
  std::list<OnTarget> looked_at;
  std::vector<lint::Subject> subjects;
  for (const Target target : kTargets) {
    if (!targets.has(target)) continue;
    const OnTarget& on = looked_at.emplace_back(compilation, target);
    subjects.push_back(
        {on.policy, target, compilation.sources,
         [&on](const lint::Arrangement& arrangement, Operation operation,
               const std::string& subject) { return on.ask(arrangement, operation, subject); }});
  }
  lint::check(subjects, compilation.diagnostics);
  // A comment may silence what is found on the other target only.
  lint::apply_silences(compilation.diagnostics, compilation.sources, targets == Targets::all());
}

std::string machine_readable(const std::list<Compilation>& compilations,
                             const std::string& format) {
  std::vector<lint::Report> reports;
  for (const Compilation& compilation : compilations) {
    reports.push_back({compilation.diagnostics, compilation.sources});
  }
  return format == "json" ? lint::to_json(reports) : lint::to_sarif(reports);
}

}  // namespace

int run_command(const LintCommand& command) {
  std::optional<Compilation> ceiling;
  if (!command.ceiling.empty()) {
    ceiling = load_valid(command.ceiling, command.root);
    if (!ceiling) return kFile;
  }
  std::list<Compilation> compilations;
  int status = kDone;
  for (const std::string& policy : command.policies) {
    Result<Compilation> compilation = load(policy, {command.root});
    if (!compilation) {
      complain("srtc", compilation.error());
      status = kFile;
      continue;
    }
    check_all(*compilation, command.targets.value_or(Targets::all()),
              ceiling ? &*ceiling : nullptr);
    const Diagnostics& found = compilation->diagnostics;
    const bool fails =
        found.has_errors() || (command.deny_warnings && found.count(Severity::warning) != 0);
    if (fails && status == kDone) status = kNo;
    if (command.format == "text") show(*compilation, command.deny_warnings);
    compilations.push_back(std::move(*compilation));
  }
  if (command.format != "text" && !print(machine_readable(compilations, command.format))) {
    return kFile;
  }
  return status;
}

}  // namespace srt::driver
