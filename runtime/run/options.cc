#include "runtime/run/options.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "runtime/base/control_descriptor.h"

namespace srt {
namespace {

struct Option {
  std::string_view name;
  std::string_view argument;  // how the help calls it; none if empty
  std::string_view help;      // empty for what srt-run asks of itself
  void (*apply)(Options&, const std::string& argument);
};

constexpr std::array<Option, 11> kOptions = {{
    {"--param", "NAME=VALUE", "give a parameter of the policy a value",
     [](Options& options, const std::string& argument) {
       const std::size_t equals = argument.find('=');
       options.parameters.emplace_back(argument.substr(0, equals), argument.substr(equals + 1));
     }},
    {"--report", "FILE", "write refused connections to FILE, one JSON object a line",
     [](Options& options, const std::string& argument) { options.report = argument; }},
    {"--control-fd", "N",
     "read bundles from descriptor N, a path a line: their hosts replace BUNDLE's",
     [](Options& options, const std::string& argument) {
       const Result<int> number = control_number(argument);
       options.control = number ? *number : -1;
     }},
    {"--verbose", "", "say on standard error what could not be done exactly",
     [](Options& options, const std::string&) { options.verbose = true; }},
    {"--dry-run", "", "print the launch instead of doing it",
     [](Options& options, const std::string&) { options.action = Options::Action::dry_run; }},
    {"--selftest", "", "try what BUNDLE expects, and all its mounts; status 1 where one fails",
     [](Options& options, const std::string&) { options.action = Options::Action::self_test; }},
    {"--probe", "", "",
     [](Options& options, const std::string&) { options.action = Options::Action::probe; }},
    {"--doctor", "", "say what this machine can enforce, and how to mend what it cannot",
     [](Options& options, const std::string&) { options.action = Options::Action::doctor; }},
    {"--connect", "HOST:PORT", "inside a sandbox: join standard input and output to HOST",
     [](Options& options, const std::string& argument) {
       options.action = Options::Action::connect;
       options.target = argument;
     }},
    {"--help", "", "print this",
     [](Options& options, const std::string&) { options.action = Options::Action::help; }},
    {"--version", "", "print the version",
     [](Options& options, const std::string&) { options.action = Options::Action::version; }},
}};

const std::string kTryHelp = "`srt-run --help` lists the options";

const Option* find(std::string_view name) {
  for (const Option& option : kOptions) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

}  // namespace

Result<Options> parse_options(const std::vector<std::string>& arguments) {
  Options options;
  std::size_t i = 0;
  for (; i < arguments.size() && arguments[i].starts_with('-') && arguments[i] != "-"; ++i) {
    if (arguments[i] == "--") {
      ++i;
      break;
    }
    const std::size_t equals = arguments[i].find('=');
    const std::string name = arguments[i].substr(0, equals);
    std::optional<std::string> argument;
    if (equals != std::string::npos) argument = arguments[i].substr(equals + 1);
    const Option* option = find(name);
    if (option == nullptr) return Error{"unknown option `" + name + "`", kTryHelp};
    if (option->argument.empty() && argument) {
      return Error{"option `" + name + "` takes no argument", kTryHelp};
    }
    if (!option->argument.empty() && !argument && i + 1 < arguments.size()) {
      argument = arguments[++i];
    }
    // An empty one, as of a variable that is not set, would drop what the option asks for.
    if (!option->argument.empty() && argument.value_or("").empty()) {
      return Error{"option `" + name + "` needs an argument",
                   "write `" + name + " " + std::string(option->argument) + "`"};
    }
    if (name == "--param" && argument->find('=') == std::string::npos) {
      return Error{"`--param " + *argument + "` has no value", "write `--param NAME=VALUE`"};
    }
    if (name == "--control-fd") {
      if (const Result<int> number = control_number(*argument); !number) return number.error();
    }
    option->apply(options, argument.value_or(""));
  }
  for (auto given = options.parameters.begin(); given != options.parameters.end(); ++given) {
    const bool is_repeated = std::any_of(options.parameters.begin(), given, [&](const auto& other) {
      return other.first == given->first;
    });
    if (is_repeated) {
      return Error{"the parameter `" + given->first + "` is given more than once",
                   "remove one of the two"};
    }
  }
  if (options.action == Options::Action::help || options.action == Options::Action::doctor ||
      options.action == Options::Action::version || options.action == Options::Action::probe) {
    return options;
  }
  if (options.action == Options::Action::connect) {
    if (i == arguments.size()) return options;
    return Error{"`--connect` takes no command, as `" + arguments[i] + "`", kTryHelp};
  }
  if (i == arguments.size()) return Error{"no bundle is given", kTryHelp};
  options.bundle = arguments[i++];
  if (i < arguments.size() && arguments[i] == "--") ++i;
  options.command.assign(arguments.begin() + static_cast<std::ptrdiff_t>(i), arguments.end());
  if (options.action == Options::Action::self_test) {
    if (options.command.empty()) return options;
    return Error{"`--selftest` takes no command, as `" + options.command.front() + "`", kTryHelp};
  }
  if (options.command.empty()) return Error{"no command is given", kTryHelp};
  return options;
}

std::string usage() {
  std::string text =
      "usage: srt-run [OPTION…] BUNDLE [--] COMMAND [ARGUMENT…]\n"
      "       srt-run --selftest BUNDLE\n"
      "       srt-run --connect HOST:PORT\n"
      "Runs COMMAND confined as BUNDLE, a policy compiled by srtc, says.\n\n";
  for (const Option& option : kOptions) {
    if (option.help.empty()) continue;
    std::string left = "  " + std::string(option.name);
    if (!option.argument.empty()) left += ' ' + std::string(option.argument);
    left.resize(std::max<std::size_t>(left.size() + 2, 24), ' ');
    text += left + std::string(option.help) + '\n';
  }
  return text +
         "\nSIGUSR2 has BUNDLE read again: its rules about hosts replace those in force.\n"
         "\nThe exit status is the command's; 128+N when signal N ended it; 125 when srt-run "
         "itself\n"
         "failed, 126 when COMMAND cannot be executed, 127 when it is not found.\n";
}

}  // namespace srt
