#include <algorithm>

#include "compiler/driver/artifact.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/exit_status.h"
#include "compiler/driver/print.h"
#include "runtime/base/file.h"
#include "runtime/bundle/format.h"

namespace srt::driver {
namespace {

// Prints what comes of one artifact, and returns the exit status for it.
int verify_one(const Compilation& compilation, const Lowered& lowered, Artifact artifact,
               const std::string& bytes, const std::string& name, const std::string& arch) {
  const Result<verify::Report> report = verify_content(compilation, lowered, artifact, bytes, arch);
  if (!report) {
    complain("srtc", Error{"`" + name + "`: " + report.error().message, report.error().help});
    return kFile;
  }
  if (!print(verify::to_text(*report, name))) return kFile;
  return report->holds() ? kDone : kNo;
}

}  // namespace

int run_command(const VerifyCommand& command) {
  for (const std::string& name : command.artifacts) {
    if (artifact_of(name)) continue;
    complain("srtc", Error{"the name of `" + name + "` does not tell what it is",
                           "it ends in .sb, .srtb or .bpf"});
    return kUsage;
  }
  if (const Result<seccomp::Arch> arch = arch_named(command.arch); !arch) {
    complain("srtc", arch.error());
    return kUsage;
  }
  std::optional<Compilation> compilation = load_valid(command.policy, command.root);
  if (!compilation) return kFile;
  std::vector<std::string> contents;
  Targets targets{.linux = true};
  for (const std::string& name : command.artifacts) {
    Result<std::string> bytes = read_file(name, format::kMaxBundleSize);
    if (!bytes) {
      complain("srtc", bytes.error());
      return kFile;
    }
    const bool is_bundle = artifact_of(name) == Artifact::bundle;
    const Result<Bundle> stored = is_bundle ? read_bundle(*bytes) : Result<Bundle>(Bundle{});
    targets.macos |= artifact_of(name) == Artifact::seatbelt || (stored && stored->seatbelt);
    contents.push_back(std::move(*bytes));
  }
  const std::optional<Lowered> lowered = lower(*compilation, targets, {});
  if (!lowered) {
    show(*compilation, false);
    return kFile;
  }
  if (command.artifacts.empty()) {
    const Result<std::string> bytes = content_of(lowered->bundle, Artifact::bundle, "");
    if (!bytes) return kFile;
    return verify_one(*compilation, *lowered, Artifact::bundle, *bytes, "bundle", "");
  }
  int status = kDone;
  for (std::size_t i = 0; i < contents.size(); ++i) {
    const std::string& name = command.artifacts[i];
    status = std::max(status, verify_one(*compilation, *lowered, *artifact_of(name), contents[i],
                                         name, command.arch));
  }
  return status;
}

}  // namespace srt::driver
