#include "compiler/driver/load.h"

#include <cstdio>

#include "compiler/backend/bundle/bundle.h"
#include "compiler/backend/seatbelt/seatbelt.h"
#include "compiler/frontend/limits.h"
#include "runtime/base/complain.h"
#include "runtime/base/file.h"

namespace srt::driver {
namespace {

// Puts the Seatbelt profile into the bundle: of the optimized policy where there is one, after what
// the written one comes to is reported. False where that has none.
bool add_seatbelt(Bundle& bundle, const ir::Policy& written, const ir::Policy& optimized,
                  Diagnostics& diagnostics) {
  ir::Policy policy = ir::select(written, Target::macos);
  bundle.seatbelt = seatbelt::emit(policy, diagnostics);
  if (!bundle.seatbelt) return false;
  ir::Policy smaller = ir::select(optimized, Target::macos);
  Diagnostics said_already;
  if (auto profile = seatbelt::emit(smaller, said_already)) {
    bundle.seatbelt = std::move(profile);
    policy = std::move(smaller);
  }
  for (seatbelt::ProfileParameter& parameter : seatbelt::profile_parameters(policy)) {
    bundle.seatbelt_parameters.emplace_back(std::move(parameter.name), std::move(parameter.value));
  }
  return true;
}

}  // namespace

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

std::optional<Lowered> lower(Compilation& compilation, Targets targets,
                             const optimize::Switches& passes) {
  Diagnostics& diagnostics = compilation.diagnostics;
  constexpr FileId kPolicyFile = 0;
  Result<optimize::Optimized> optimized = optimize::optimize(compilation.policy, passes);
  if (!optimized) {
    complain("srtc", optimized.error());
    return std::nullopt;
  }
  const ir::Policy& policy = optimized->policy;
  std::optional<PathTable> paths;
  if (optimized->paths) paths = *optimized->paths;
  std::size_t costliest = policy.rules.size();
  Result<Bundle> bundle = bundle::lower(policy, compilation.sources, &costliest, std::move(paths));
  if (!bundle) {
    const bool is_known = costliest < policy.rules.size();
    const Span span = is_known ? policy.rules[costliest].origin : Span{kPolicyFile, 0, 0};
    diagnostics.report(Diag::too_complex, span, bundle.error().message).help = bundle.error().help;
    return std::nullopt;
  }
  check_enforceable(compilation.policy, targets, diagnostics);
  if (targets.linux) report_fidelity(compilation.policy, compilation.sources, diagnostics);
  if (targets.macos && !add_seatbelt(*bundle, compilation.policy, policy, diagnostics)) {
    return std::nullopt;
  }
  return Lowered{std::move(*bundle), std::move(optimized->policy)};
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
