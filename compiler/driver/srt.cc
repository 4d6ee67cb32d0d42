// srt: the command of the npm package, over this compiler and launcher.

#include <fmt/format.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

#include "compiler/driver/cache.h"
#include "compiler/driver/live_settings.h"
#include "compiler/driver/print.h"
#include "compiler/frontend/limits.h"
#include "runtime/base/control_descriptor.h"
#include "runtime/base/exit_status.h"
#include "runtime/base/file.h"

namespace srt::driver {
namespace {

constexpr std::string_view kHelp =
    "usage: srt [OPTION…] [--] COMMAND [ARGUMENT…]\n"
    "Runs COMMAND confined as the settings say.\n\n"
    "  -s, --settings FILE  settings in JSON (default: ~/.srt-settings.json; where there is none,\n"
    "                       no network and no writes but to the default paths)\n"
    "  -c STRING            run STRING with bash -c\n"
    "  --control-fd N       read settings from descriptor N, a JSON object a line: their hosts\n"
    "                       replace those in force\n"
    "  -d, --debug          say on standard error what could not be done exactly\n"
    "  -h, --help           print this\n"
    "  -V, --version        print the version\n\n"
    "The exit status is the command's; 128+N when signal N ended it; 125 when srt itself failed,\n"
    "126 when COMMAND cannot be executed, 127 when it is not found.\n";

// What applies where the user has no settings file: every list empty.
constexpr std::string_view kDefaultSettings =
    R"({"network": {"allowedDomains": [], "deniedDomains": []}, )"
    R"("filesystem": {"denyRead": [], "allowWrite": [], "denyWrite": []}})";

struct Options {
  std::optional<std::string> settings;
  std::optional<std::string> script;
  std::optional<int> control;
  bool debug = false;
  bool help = false;
  bool version = false;
  std::vector<std::string> command;
};

const std::string kTryHelp = "`srt --help` lists the options";

// Reads the arguments; options end at the first operand or `--`.
Result<Options> parse(const std::vector<std::string>& arguments) {
  Options options;
  std::size_t i = 0;
  for (; i < arguments.size() && arguments[i].size() > 1 && arguments[i][0] == '-'; ++i) {
    if (arguments[i] == "--") {
      ++i;
      break;
    }
    std::string name = arguments[i];
    std::optional<std::string> attached;
    if (const std::size_t equals = name.find('='); name.starts_with("--") && equals != name.npos) {
      attached = name.substr(equals + 1);
      name.resize(equals);
    } else if (name.size() > 2 && name[1] != '-' && (name[1] == 's' || name[1] == 'c')) {
      attached = name.substr(2);
      name.resize(2);
    }
    const auto argument = [&]() -> std::optional<std::string> {
      if (attached) return attached;
      if (i + 1 == arguments.size()) return std::nullopt;
      return arguments[++i];
    };
    if (name == "-s" || name == "--settings") {
      options.settings = argument();
      if (!options.settings) return Error{"`" + name + "` needs a file", kTryHelp};
    } else if (name == "-c") {
      options.script = argument();
      if (!options.script) return Error{"`-c` needs a command string", kTryHelp};
    } else if (name == "-d" || name == "--debug") {
      options.debug = true;
    } else if (name == "-h" || name == "--help") {
      options.help = true;
    } else if (name == "-V" || name == "--version") {
      options.version = true;
    } else if (name == "--control-fd") {
      const std::optional<std::string> text = argument();
      if (!text) return Error{"`--control-fd` needs a number", kTryHelp};
      const Result<int> number = control_number(*text);
      if (!number) return number.error();
      options.control = *number;
    } else {
      return Error{"unknown option `" + name + "`", kTryHelp};
    }
  }
  options.command.assign(arguments.begin() + static_cast<std::ptrdiff_t>(i), arguments.end());
  return options;
}

// The settings' name, as messages call it, and text.
Result<std::pair<std::string, std::string>> read_settings(const Options& options,
                                                          const Caller& caller) {
  const std::string home = caller.variable("HOME").value_or(caller.passwd_home.value_or(""));
  const std::string path = options.settings.value_or(home + "/.srt-settings.json");
  // A file that is there but cannot be read is an error: its rules would be dropped.
  if (!options.settings && access(path.c_str(), F_OK) != 0 && errno == ENOENT) {
    return std::pair<std::string, std::string>("<default settings>", kDefaultSettings);
  }
  Result<std::string> text = read_file(path, kMaxPolicyBytes + 1);
  if (!text) return text.error();
  return std::pair(path, std::move(*text));
}

std::vector<std::string> command_of(const Options& options) {
  if (!options.script) return options.command;
  const bool has_bash = access("/bin/bash", X_OK) == 0;
  std::vector<std::string> command = {has_bash ? "/bin/bash" : "/bin/sh", "-c", *options.script};
  return command;
}

int main(const std::vector<std::string>& arguments) {
  const auto fail = [](const Error& error) {
    complain("srt", error);
    return kExitFailure;
  };
  const Result<Options> options = parse(arguments);
  if (!options) return fail(options.error());
  if (options->help) return print(kHelp) ? kExitDone : kExitFailure;
  if (options->version) return print(SRT_VERSION "\n") ? kExitDone : kExitFailure;
  const std::vector<std::string> command = command_of(*options);
  if (command.empty()) return fail(Error{"no command is given", kTryHelp});

  UniqueFd control;
  if (options->control) {
    Result<UniqueFd> taken = take_control(*options->control);
    if (!taken) return fail(taken.error());
    control = *std::move(taken);
  }
  const Result<Caller> caller = this_caller();
  if (!caller) return fail(caller.error());
  const auto settings = read_settings(*options, *caller);
  if (!settings) return fail(settings.error());
  const auto& [name, text] = *settings;
  const Result<std::optional<std::string>> bundle = cached_bundle(name, text, *caller);
  if (!bundle) return fail(bundle.error());
  if (!*bundle) return kExitFailure;

  std::vector<std::string> run_arguments;
  if (options->debug) run_arguments.emplace_back("--verbose");
  if (control) {
    const Result<int> bundles = start_live_settings(std::move(control), *caller);
    if (!bundles) return fail(bundles.error());
    run_arguments.push_back("--control-fd=" + std::to_string(*bundles));
  }
  run_arguments.insert(run_arguments.end(), {**bundle, "--"});
  run_arguments.insert(run_arguments.end(), command.begin(), command.end());
  return fail(become_srt_run(*caller, run_arguments));
}

}  // namespace
}  // namespace srt::driver

int main(int argc, char** argv) { return srt::driver::main({argv + 1, argv + argc}); }
