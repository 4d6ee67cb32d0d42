#include "runtime/run/dry_run_macos.h"

#include "runtime/base/shell_quoted.h"
#include "runtime/run/prepare_macos.h"

namespace srt {
namespace {

// Stands for what a run chooses.
constexpr std::uint16_t kSomePort = 1;
constexpr const char* kPortWord = "PORT";

Environment shown_environment(const LoadedBundle& loaded, const Caller& caller, bool network) {
  Environment environment =
      environment_on_macos(loaded, caller, network ? kSomePort : 0, network ? "srt:TOKEN" : "");
  const std::string some = ":" + std::to_string(kSomePort);
  for (auto& [name, value] : environment) {
    if (value.ends_with("@127.0.0.1" + some)) {
      value.replace(value.size() - some.size(), some.size(), std::string(":") + kPortWord);
    } else if (name == "CLOUDSDK_PROXY_PORT") {
      value = kPortWord;
    }
  }
  return environment;
}

}  // namespace

Result<std::string> describe_launch_on_macos(const platform::Request& request) {
  const std::string tmp = request.caller.variable("TMPDIR").value_or("/tmp") + "/srt-tmp-XXXXXX";
  const Result<LoadedBundle> loaded =
      load_for_macos(request.bytes, request.options.bundle, request.options, request.caller,
                     [&] { return Result<std::string>(tmp); });
  if (!loaded) return loaded.error();
  const bool network = loaded->bundle.allows_network(Target::macos);
  const Environment environment = shown_environment(*loaded, request.caller, network);
  const std::vector<std::string>& command = request.options.command;
  const CommandFile file =
      find_allowed_command(*loaded, request.caller, environment, command.front());
  const SeatbeltLaunch launch =
      make_launch(*loaded, "PROFILE", network ? kPortWord : "",
                  file.status == 0 ? file.path : command.front(), command, environment);
  std::string out = "[sandbox-exec]\n";
  for (const std::string& word : launch.words) {
    const bool starts_line = word == "-f" || word == "-D" || word == "--";
    const bool first = &word == &launch.words.front();
    out += (first ? "" : starts_line ? "\n" : " ") + shell_quoted(word);
  }
  if (file.status != 0) out += "\nnote: not started: status " + std::to_string(file.status);
  out += "\n\n[environment]\n";
  for (const auto& [name, value] : launch.environment)
    out += shell_quoted(name + '=' + value) + '\n';
  out += "\n[network]\n";
  out += network ? "the proxy, on a port of the host's loopback and with a token of this run\n"
                 : "none\n";
  return out + "\n[profile]\n" + *loaded->bundle.seatbelt;
}

}  // namespace srt
