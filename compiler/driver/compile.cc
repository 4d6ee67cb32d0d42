#include <algorithm>
#include <vector>

#include "compiler/compare/ceiling.h"
#include "compiler/driver/artifact.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/emit.h"
#include "compiler/driver/exit_status.h"
#include "compiler/driver/load.h"
#include "compiler/driver/print.h"
#include "compiler/lint/lint.h"
#include "compiler/lint/silence.h"
#include "runtime/base/file.h"

namespace srt::driver {
namespace {

// The targets on which the policy has to be enforceable, from what is asked to be made.
Targets targets_of(const CompileCommand& command) {
  if (command.targets) return *command.targets;
  Targets targets{.macos = command.emit == "sb"};
  for (const std::string& output : command.outputs) {
    (artifact_of(output) == Artifact::seatbelt ? targets.macos : targets.linux) = true;
  }
  return targets.macos ? targets : Targets{.linux = true};
}

// Whether a profile is wanted that runs by itself.
bool makes_profile(const CompileCommand& command) {
  return command.emit == "sb" ||
         std::any_of(command.outputs.begin(), command.outputs.end(), [](const std::string& output) {
           return artifact_of(output) == Artifact::seatbelt;
         });
}

// Nothing is put in place before everything is written.
Status write_outputs(const std::vector<std::string>& outputs, std::vector<std::string> contents) {
  std::vector<StagedFile> staged;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    Result<StagedFile> file = StagedFile::write(outputs[i], std::move(contents[i]));
    if (!file) return file.error();
    staged.push_back(std::move(*file));
  }
  return StagedFile::commit_all(staged);
}

}  // namespace

int run_command(const CompileCommand& command) {
  for (const std::string& output : command.outputs) {
    if (artifact_of(output)) continue;
    complain("srtc", Error{"the name of `" + output + "` does not tell what to make",
                           "end it in .sb, .srtb or .bpf"});
    return kUsage;
  }
  Result<Compilation> compilation = load(command.policy, {command.root});
  if (!compilation) {
    complain("srtc", compilation.error());
    return kFile;
  }
  std::optional<Lowered> lowered;
  if (!compilation->diagnostics.has_errors()) {
    // The representation is shown as the front end made it; `bundle-text` has what comes of it.
    const optimize::Switches passes =
        command.emit == "ir" ? optimize::Switches::none() : command.passes;
    lowered = lower(*compilation, targets_of(command), passes);
    if (makes_profile(command)) check_profile_alone(compilation->policy, compilation->diagnostics);
  }
  if (lowered) {
    compare::check_ceilings(compilation->policy, compilation->sources, compilation->diagnostics);
    lint::check_safety(compilation->policy, compilation->sources, compilation->diagnostics);
    lint::apply_silences(compilation->diagnostics, compilation->sources, false);
  }
  if (!show(*compilation, command.deny_warnings) || !lowered) return kNo;
  if (!command.emit.empty()) {
    const Result<std::string> text =
        emit(lowered->bundle, command.emit,
             {command.arch, command.parameters, compilation->policy, command.passes});
    if (!text) {
      complain("srtc", text.error());
      return kUsage;
    }
    return print(*text) ? kDone : kFile;
  }
  std::vector<std::string> contents;
  for (const std::string& output : command.outputs) {
    Result<std::string> content = content_of(lowered->bundle, *artifact_of(output), command.arch);
    if (!content) {
      complain("srtc", content.error());
      return kUsage;
    }
    contents.push_back(std::move(*content));
  }
  if (const Status written = write_outputs(command.outputs, std::move(contents)); !written) {
    complain("srtc", written.error());
    return kFile;
  }
  return kDone;
}

}  // namespace srt::driver
