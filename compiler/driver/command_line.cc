#include "compiler/driver/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <string_view>

#include "compiler/driver/emit.h"
#include "compiler/source/edit_distance.h"

namespace srt::driver {
namespace {

constexpr std::array<std::string_view, 5> kCommands = {"compile", "explain", "inspect", "std",
                                                       "run"};

// `k=v` texts as pairs.
Result<std::vector<std::pair<std::string, std::string>>> pairs(
    const std::vector<std::string>& texts) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Error{"`--param " + text + "` has no value", "write `--param NAME=VALUE`"};
    }
    out.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

std::optional<Targets> targets(const std::string& name) {
  if (name.empty()) return std::nullopt;
  return Targets{name == "linux" || name == "all", name == "macos" || name == "all"};
}

std::string joined(std::span<const std::string_view> words) {
  std::string out;
  for (const std::string_view word : words) out += (out.empty() ? "" : ", ") + std::string(word);
  return out;
}

// All of srtc's command line. CLI11 reports by exceptions, which end in `parse_command_line`.
class CommandLine {
 public:
  CommandLine() {
    app_.name("srtc");
    app_.require_subcommand(1);
    app_.set_version_flag("--version", "srtc " SRT_VERSION);
    app_.footer(
        "`srtc POLICY -o OUT` is short for `srtc compile POLICY -o OUT`.\n"
        "A POLICY is in the policy language or settings in JSON, told by its content; `-` is\n"
        "standard input. Exit status: 0 done, 1 the answer is no or the policy has errors, 2 "
        "wrong\n"
        "usage, 3 a file could not be read or written.");
    add_compile();
    add_explain();
    add_inspect();
    add_std();
    add_run();
  }

  Result<Command> parse(std::vector<std::string> arguments) {
    const std::string_view first = arguments.empty() ? "" : std::string_view(arguments[0]);
    const bool is_command = std::find(kCommands.begin(), kCommands.end(), first) != kCommands.end();
    const bool is_global = first == "--help" || first == "-h" || first == "--version";
    if (!arguments.empty() && !is_command && !is_global) {
      arguments.insert(arguments.begin(), "compile");
    }
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes a vector
    app_.parse(arguments);
    const auto parameters = pairs(parameters_);
    if (!parameters) return parameters.error();
    if (compile_app_->parsed()) {
      if (compile_.outputs.empty() == compile_.emit.empty()) {
        return Error{"a compilation needs an output",
                     "give `-o FILE.sb`, `-o FILE.srtb`, or `--emit KIND`"};
      }
      compile_.targets = targets(target_);
      compile_.parameters = *parameters;
      return Command(compile_);
    }
    if (explain_app_->parsed()) {
      explain_.targets = targets(target_);
      explain_.parameters = *parameters;
      if (explain_.batch.empty() != !explain_.subject.empty()) {
        return Error{"`explain` needs an operation and a subject, or `--batch FILE`",
                     "as in `srtc explain policy.srt read ~/.ssh`"};
      }
      return Command(explain_);
    }
    if (inspect_app_->parsed()) return Command(inspect_);
    if (std_app_->parsed()) return Command(std_);
    run_.parameters = *parameters;
    return Command(run_);
  }

  std::string help_of(const CLI::CallForHelp&) const {
    for (const CLI::App* command : app_.get_subcommands()) return command->help();
    return app_.help();
  }

 private:
  void add_parameters(CLI::App* command) {
    command->add_option("--param", parameters_, "Give a parameter a value")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
  }

  void add_target(CLI::App* command) {
    command->add_option("--target", target_, "What must be enforceable (default: by the output)")
        ->check(CLI::IsMember({"linux", "macos", "all"}))
        ->type_name("linux|macos|all");
  }

  void add_compile() {
    compile_app_ = app_.add_subcommand("compile", "Compile a policy");
    compile_app_->add_option("POLICY", compile_.policy, "The policy")->required();
    compile_app_
        ->add_option("-o", compile_.outputs,
                     "Output, by its name a Seatbelt profile (.sb), a bundle (.srtb) or a raw "
                     "seccomp program (.bpf); may be repeated")
        ->type_name("FILE")
        ->allow_extra_args(false);
    compile_app_->add_option("--emit", compile_.emit, "Print one of: " + joined(emit_kinds()))
        ->type_name("KIND");
    compile_app_
        ->add_option("--arch", compile_.arch,
                     "Architecture for .bpf and --emit seccomp (default: this machine's)")
        ->type_name("x86_64|aarch64|riscv64");
    add_target(compile_app_);
    add_parameters(compile_app_);
    compile_app_->add_flag("--deny-warnings", compile_.deny_warnings, "Treat warnings as errors");
  }

  void add_explain() {
    explain_app_ = app_.add_subcommand("explain", "Say what a policy decides and which rule does");
    explain_app_->add_option("POLICY", explain_.policy, "The policy")->required();
    explain_app_->add_option("OP", explain_.operation, "read, write or connect");
    explain_app_->add_option("SUBJECT", explain_.subject,
                             "A path, or for connect HOST:PORT (port 443 when left out)");
    explain_app_
        ->add_option("--batch", explain_.batch,
                     "Read one `OP SUBJECT` a line; print verdict, operation, subject and rule, "
                     "separated by tabs")
        ->type_name("FILE");
    add_target(explain_app_);
    add_parameters(explain_app_);
  }

  void add_inspect() {
    inspect_app_ = app_.add_subcommand("inspect", "Show what a bundle holds");
    inspect_app_->add_option("BUNDLE", inspect_.bundle, "The bundle")->required();
    inspect_app_->add_option("--section", inspect_.section, "Show one section only")
        ->type_name("NAME");
  }

  void add_std() {
    std_app_ = app_.add_subcommand("std", "List the built-in modules, or print one");
    std_app_->add_option("NAME", std_.module, "A module, as in `std.protect`");
  }

  void add_run() {
    run_app_ = app_.add_subcommand("run", "Compile a policy (once, then cached) and run a command");
    run_app_->add_option("POLICY", run_.policy, "The policy")->required();
    add_parameters(run_app_);
    run_app_->prefix_command();
    run_app_->callback([this] {
      run_.command = run_app_->remaining();
      if (!run_.command.empty() && run_.command[0] == "--")
        run_.command.erase(run_.command.begin());
      if (run_.command.empty()) throw CLI::RequiredError("a command");
    });
  }

  CLI::App app_{"Compiles sandbox policies."};
  CLI::App* compile_app_ = nullptr;
  CLI::App* explain_app_ = nullptr;
  CLI::App* inspect_app_ = nullptr;
  CLI::App* std_app_ = nullptr;
  CLI::App* run_app_ = nullptr;
  CompileCommand compile_;
  ExplainCommand explain_;
  InspectCommand inspect_;
  StdCommand std_;
  RunCommand run_;
  std::vector<std::string> parameters_;
  std::string target_;
};

// CLI11's words, fitted to ours: lower case, no period.
std::string lower_case_first(std::string text) {
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') {
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  }
  return text;
}

}  // namespace

Result<Command> parse_command_line(std::vector<std::string> arguments) {
  CommandLine line;
  try {
    return line.parse(std::move(arguments));
  } catch (const CLI::CallForHelp& help) {
    return Command(PrintCommand{line.help_of(help)});
  } catch (const CLI::CallForVersion& version) {
    return Command(PrintCommand{std::string(version.what()) + '\n'});
  } catch (const CLI::ParseError& error) {
    return Error{lower_case_first(error.what()), "`srtc --help` lists commands and options"};
  }
}

}  // namespace srt::driver
