#include "compiler/driver/artifact.h"

#include "compiler/backend/bundle/bundle.h"
#include "compiler/driver/emit.h"
#include "compiler/verify/bundle.h"
#include "compiler/verify/sbpl/check_profile.h"

namespace srt::driver {

Result<seccomp::Arch> arch_named(const std::string& name) {
  if (name.empty()) return seccomp::build_arch();
  for (const seccomp::Arch arch : seccomp::kArchs) {
    if (seccomp::arch_name(arch) == name) return arch;
  }
  return Error{"there is no seccomp program for `" + name + "`",
               "it is one of `x86_64`, `aarch64`, `riscv64`"};
}

std::optional<Artifact> artifact_of(std::string_view name) {
  if (name.ends_with(".sb")) return Artifact::seatbelt;
  if (name.ends_with(".srtb")) return Artifact::bundle;
  if (name.ends_with(".bpf")) return Artifact::filter;
  return std::nullopt;
}

Result<std::string> content_of(const Bundle& bundle, Artifact artifact, const std::string& arch) {
  switch (artifact) {
    case Artifact::seatbelt:
      return *bundle.seatbelt;
    case Artifact::filter:
      return raw_filter(bundle, arch);
    case Artifact::bundle:
      break;
  }
  return bundle::encode(bundle);
}

Result<verify::Report> verify_content(const Compilation& compilation, const Lowered& lowered,
                                      Artifact artifact, std::string_view bytes,
                                      const std::string& arch) {
  if (artifact == Artifact::filter) {
    const Result<seccomp::Arch> machine = arch_named(arch);
    if (!machine) return machine.error();
    return verify::verify_filter(compilation.policy, bytes, *machine);
  }
  const Bundle& made = lowered.bundle;
  const auto check_profile = [&](std::string_view profile, verify::Report& report) {
    std::vector<Span> tighter;
    for (const Diagnostic& said : compilation.diagnostics.all()) {
      if (said.diag == Diag::tighter_on_macos) tighter.push_back(said.span);
    }
    verify::check_profile(profile,
                          {compilation.policy, compilation.sources, &lowered.optimized,
                           made.seatbelt_parameters, tighter, *made.seatbelt},
                          report);
  };
  verify::Report report;
  if (artifact == Artifact::seatbelt) {
    check_profile(bytes, report);
    return report;
  }
  const Result<Bundle> stored = read_bundle(bytes);
  if (!stored) return stored.error();
  report =
      verify::verify_bundle(compilation.policy, compilation.sources, *stored, &lowered.optimized);
  if (!stored->seatbelt) return report;
  if (!made.seatbelt) {
    report.unchecked.emplace_back("the Seatbelt profile");
    return report;
  }
  check_profile(*stored->seatbelt, report);
  if (stored->seatbelt_parameters != made.seatbelt_parameters) {
    report.differences.push_back({verify::Kind::unproved, "Seatbelt profile",
                                  "its parameters are not what this srtc makes"});
  }
  return report;
}

}  // namespace srt::driver
