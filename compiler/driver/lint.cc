#include "compiler/lint/lint.h"

#include <list>
#include <vector>

#include "compiler/backend/bundle/bundle.h"
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

void check_on(Target target, Compilation& compilation) {
  const ir::Policy policy = ir::select(compilation.policy, target);
  Result<Bundle> bundle = bundle::lower(policy, compilation.sources);
  if (!bundle) return;  // reported by `to_bundle`
  Places places;
  places.values = lint::sample_values(policy, target);
  for (glob::AnchorId anchor = 0; anchor < policy.anchors.size(); ++anchor) {
    places.anchors.push_back(lint::sample_anchor(policy, places.values, anchor));
  }
  // Where the sample fits nowhere, what is not settled is closed.
  (void)bundle->settle(places.values);
  const auto ask = [&](Operation operation, const std::string& subject) -> lint::Answer {
    const Result<Decision> decision =
        decide(*bundle, places, lint::sample_directory(target), operation, subject);
    if (!decision) return {Effect::deny, std::nullopt};
    return {decision->effect, decision->rule};
  };
  lint::check({policy, target, compilation.sources, ask}, compilation.diagnostics);
}

void check_all(Compilation& compilation, Targets targets) {
  if (compilation.diagnostics.has_errors()) return;
  if (!to_bundle(compilation, targets)) return;
  for (const Target target : kTargets) {
    if (targets.has(target)) check_on(target, compilation);
  }
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
  std::list<Compilation> compilations;
  int status = kDone;
  for (const std::string& policy : command.policies) {
    Result<Compilation> compilation = load(policy, {command.root});
    if (!compilation) {
      complain("srtc", compilation.error());
      status = kFile;
      continue;
    }
    check_all(*compilation, command.targets.value_or(Targets::all()));
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
