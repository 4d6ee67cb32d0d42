#include "compiler/driver/cache.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/exit_status.h"
#include "compiler/driver/print.h"
#include "compiler/frontend/limits.h"
#include "runtime/base/exit_status.h"
#include "runtime/base/file.h"

namespace srt::driver {

int run_command(const RunCommand& command) {
  const auto fail = [](const Error& error) {
    complain("srtc", error);
    return kExitFailure;
  };
  const Result<std::string> text = read_file(command.policy, kMaxPolicyBytes + 1);
  if (!text) return fail(text.error());
  const Result<Caller> caller = this_caller();
  if (!caller) return fail(caller.error());
  const std::string name = command.policy == "-" ? "<stdin>" : command.policy;
  const Result<std::optional<std::string>> bundle =
      cached_bundle(name, *text, *caller, {command.root});
  if (!bundle) return fail(bundle.error());
  if (!*bundle) return kExitFailure;

  std::vector<std::string> arguments;
  for (const auto& [parameter, value] : command.parameters) {
    arguments.push_back("--param=" + parameter + "=" + value);
  }
  arguments.insert(arguments.end(), {**bundle, "--"});
  arguments.insert(arguments.end(), command.command.begin(), command.command.end());
  return fail(become_srt_run(*caller, arguments));
}

}  // namespace srt::driver
