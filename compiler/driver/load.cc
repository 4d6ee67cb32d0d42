#include "compiler/driver/load.h"

#include <cstdio>

#include "compiler/backend/bundle/bundle.h"
#include "compiler/backend/seatbelt/seatbelt.h"
#include "compiler/frontend/limits.h"
#include "runtime/base/complain.h"
#include "runtime/base/file.h"

namespace srt::driver {

Compilation load_text(std::string name, std::string text, const ReadOptions& options) {
  Compilation out;
  const FileId file = out.sources.add(std::move(name), std::move(text));
  out.policy = read_policy(out.sources, file, out.diagnostics, options);
  return out;
}

Result<Compilation> load(const std::string& path, const ReadOptions& options) {
  Result<std::string> text = read_file(path, kMaxReadBytes);
  if (!text) return text.error();
  return load_text(path == "-" ? "<stdin>" : path, std::move(*text), options);
}

std::optional<Bundle> to_bundle(Compilation& compilation, Targets targets) {
  Diagnostics& diagnostics = compilation.diagnostics;
  constexpr FileId kPolicyFile = 0;
  std::size_t costliest = compilation.policy.rules.size();
  Result<Bundle> bundle = bundle::lower(compilation.policy, compilation.sources, &costliest);
  if (!bundle) {
    const bool is_known = costliest < compilation.policy.rules.size();
    const Span span =
        is_known ? compilation.policy.rules[costliest].origin : Span{kPolicyFile, 0, 0};
    diagnostics.report(Diag::too_complex, span, bundle.error().message).help = bundle.error().help;
    return std::nullopt;
  }
  check_enforceable(compilation.policy, targets, diagnostics);
  if (targets.linux) report_fidelity(compilation.policy, compilation.sources, diagnostics);
  if (targets.macos) {
    const ir::Policy macos = ir::select(compilation.policy, Target::macos);
    bundle->seatbelt = seatbelt::emit(macos, diagnostics);
    if (!bundle->seatbelt) return std::nullopt;
    for (seatbelt::ProfileParameter& parameter : seatbelt::profile_parameters(macos)) {
      bundle->seatbelt_parameters.emplace_back(std::move(parameter.name),
                                               std::move(parameter.value));
    }
  }
  return std::move(*bundle);
}

bool show(const Compilation& compilation, bool deny_warnings) {
  const std::string text = render(compilation.diagnostics, compilation.sources);
  std::fwrite(text.data(), 1, text.size(), stderr);
  if (compilation.diagnostics.has_errors()) return false;
  return !deny_warnings || compilation.diagnostics.count(Severity::warning) == 0;
}

std::optional<Compilation> load_valid(const std::string& path, const std::string& root) {
  Result<Compilation> compilation = load(path, {root});
  if (!compilation) {
    complain("srtc", compilation.error());
    return std::nullopt;
  }
  if (compilation->diagnostics.has_errors()) {
    show(*compilation, false);
    return std::nullopt;
  }
  return std::move(*compilation);
}

}  // namespace srt::driver
