#include "compiler/driver/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <string_view>

#include "compiler/driver/emit.h"
#include "compiler/source/edit_distance.h"

namespace srt::driver {
namespace {

constexpr std::array<std::string_view, 12> kCommands = {"compile", "lint",   "explain", "diff",
                                                        "test",    "verify", "inspect", "fmt",
                                                        "migrate", "schema", "std",     "run"};

constexpr std::array<std::string_view, 3> kFormats = {"text", "json", "sarif"};
constexpr std::array<std::string_view, 2> kDiffFormats = {"text", "json"};
constexpr std::array<std::string_view, 3> kChanges = {"widen", "narrow", "change"};

// `k=v` texts as pairs.
Result<std::vector<std::pair<std::string, std::string>>> pairs(
    const std::vector<std::string>& texts) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Error{"`--param " + text + "` has no value", "write `--param NAME=VALUE`"};
    }
    const std::string name = text.substr(0, equals);
    const auto is_this = [&](const auto& known) { return known.first == name; };
    if (std::any_of(out.begin(), out.end(), is_this)) {
      return Error{"the parameter `" + name + "` is given more than once", "remove one of the two"};
    }
    out.emplace_back(name, text.substr(equals + 1));
  }
  return out;
}

// "did you mean" where one of `names` is near to `word`, else `otherwise`.
std::string suggestion(std::string_view word, std::span<const std::string_view> names,
                       std::string_view otherwise) {
  const auto meant = closest(word, names);
  return meant ? "did you mean `" + std::string(*meant) + "`?" : std::string(otherwise);
}

Result<std::optional<Targets>> targets(const std::string& name) {
  constexpr std::array<std::string_view, 3> kNames = {"linux", "macos", "all"};
  if (name.empty()) return std::optional<Targets>();
  if (std::find(kNames.begin(), kNames.end(), name) == kNames.end()) {
    return Error{"`" + name + "` is not a target",
                 suggestion(name, kNames, "it is one of `linux`, `macos`, `all`")};
  }
  return std::optional(Targets{name == "linux" || name == "all", name == "macos" || name == "all"});
}

// What is wrong with a word that has to be one of some.
std::optional<Error> not_one_of(const std::string& word, std::span<const std::string_view> words,
                                std::string_view what) {
  if (std::find(words.begin(), words.end(), word) != words.end()) return std::nullopt;
  std::string all;
  for (const std::string_view one : words) {
    all += (all.empty() ? "`" : ", `") + std::string(one) + "`";
  }
  return Error{"`" + word + "` is not " + std::string(what),
               suggestion(word, words, "it is one of " + all)};
}

std::string joined(std::span<const std::string_view> words) {
  std::string out;
  for (const std::string_view word : words) out += (out.empty() ? "" : ", ") + std::string(word);
  return out;
}

std::string pass_names() {
  std::string out;
  for (const optimize::Pass& pass : optimize::kPasses) {
    out += (out.empty() ? "" : ", ") + std::string(pass.name);
  }
  return out;
}

constexpr std::string_view kTryHelp = "`srtc --help` lists commands and options";

// Where the help's second column begins.
constexpr std::size_t kHelpColumn = 28;

// Help in the shape of the other programs': usage, what it does, options.
class HelpFormat : public CLI::Formatter {
 public:
  HelpFormat() {
    column_width(kHelpColumn);
    label("Positionals", "Arguments");
  }

  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override {
    const std::string footer = app->get_footer();
    return make_usage(app, name) + make_positionals(app) + make_groups(app, mode) +
           make_subcommands(app, mode) + (footer.empty() ? "" : '\n' + footer + '\n');
  }

  std::string make_usage(const CLI::App* app, std::string name) const override {
    std::string out = "usage: " + name;
    if (app->get_parent() == nullptr) out += " COMMAND";
    out += " [OPTION…]";
    for (const CLI::Option* option : app->get_options()) {
      if (!option->get_positional()) continue;
      const std::string argument = option->get_name(true);
      out += option->get_required() ? ' ' + argument : " [" + argument + ']';
    }
    if (app->get_prefix_command()) out += " [--] CMD…";
    return out + '\n' + app->get_description() + '\n';
  }

  std::string make_option_name(const CLI::Option* option, bool is_positional) const override {
    std::string name = Formatter::make_option_name(option, is_positional);
    if (const std::size_t comma = name.find(','); comma != std::string::npos) {
      name.insert(comma + 1, " ");
    }
    return name;
  }

  std::string make_option_opts(const CLI::Option* option) const override {
    const std::string type = option->get_type_name();
    return option->get_positional() || type.empty() ? "" : ' ' + type;
  }
};

// All of srtc's command line. CLI11 reports by exceptions, which end in `parse`.
class CommandLine {
 public:
  CommandLine() {
    app_.name("srtc");
    app_.formatter(std::make_shared<HelpFormat>());
    app_.set_help_flag("-h,--help", "Print this");
    app_.set_version_flag("--version", "srtc " SRT_VERSION, "Print the version");
    add_compile();
    add_lint();
    add_explain();
    add_diff();
    add_test();
    add_verify();
    add_inspect();
    add_fmt();
    add_migrate();
    add_schema();
    add_std();
    add_run();
    for (CLI::App* command : app_.get_subcommands({})) {
      command->group("Commands");
      for (CLI::Option* option : command->get_options()) refuse_surprises(*option);
    }
    // Commands inherit what is set before they are added.
    app_.require_subcommand(1);
    app_.footer(
        "`srtc POLICY -o OUT` is short for `srtc compile POLICY -o OUT`.\n"
        "A POLICY is in the policy language or settings in JSON, told by its content; `-` is\n"
        "standard input. Exit status: 0 done, 1 the answer is no or the policy has errors, 2 "
        "wrong\n"
        "usage, 3 a file could not be read or written.");
  }

  Result<Command> parse(std::vector<std::string> arguments) {
    if (arguments.empty()) return Error{"no command and no policy is given", std::string(kTryHelp)};
    const std::string first = arguments[0];
    const bool is_command = std::find(kCommands.begin(), kCommands.end(), first) != kCommands.end();
    const bool is_global = first == "--help" || first == "-h" || first == "--version";
    if (!is_command && !is_global) {
      arguments.insert(arguments.begin(), "compile");
      mistaken_ = closest(first, kCommands);
    }
    const auto dashes = std::find(arguments.begin(), arguments.end(), "--");
    if (first == "run") {
      before_dashes_.assign(arguments.begin(), dashes);
      behind_dashes_.assign(dashes, arguments.end());
      arguments.erase(dashes, arguments.end());
    } else if (dashes != arguments.end()) {
      std::transform(dashes, arguments.end(), dashes, as_operand);
      arguments.erase(dashes);
    }
    if (const auto error = option_without_value(arguments)) return *error;
    if (first == "lint" || first == "test" || first == "verify" || first == "fmt") {
      // CLI11 would take the name for a list of names.
      for (std::string& word : arguments) {
        if (word.starts_with('[') && word.ends_with(']')) word.insert(0, "./");
      }
    }
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes a vector
    try {
      app_.parse(arguments);
    } catch (const CLI::CallForHelp&) {
      return Command(PrintCommand{app_.help()});
    } catch (const CLI::CallForVersion& version) {
      return Command(PrintCommand{std::string(version.what()) + '\n'});
    } catch (const CLI::RequiredError& error) {
      return behind_dashes_.size() > 1 ? parse_policy_behind_dashes() : wrong_usage(error);
    } catch (const CLI::ParseError& error) {
      return wrong_usage(error);
    }
    return parsed();
  }

 private:
  // A word behind `--`, spelled so that it is no option. CLI11 ends options for a part of the
  // operands only.
  static std::string as_operand(const std::string& word) {
    return word.size() > 1 && word[0] == '-' ? "./" + word : word;
  }

  // Of `run -- POLICY CMD…`.
  Result<Command> parse_policy_behind_dashes() const {
    std::vector<std::string> words = before_dashes_;
    words.insert(words.end(), {as_operand(behind_dashes_[1]), "--"});
    words.insert(words.end(), behind_dashes_.begin() + 2, behind_dashes_.end());
    return CommandLine().parse(std::move(words));
  }

  // CLI11 would take the next word where no value stands behind `=`. The command of `run` is not
  // ours to look at.
  std::optional<Error> option_without_value(const std::vector<std::string>& arguments) const {
    for (std::size_t i = 1; i < arguments.size(); ++i) {
      const std::string& word = arguments[i];
      if (arguments[0] == "run" && !word.starts_with('-')) break;
      if (word.starts_with("--") && word.find('=') == word.size() - 1) {
        return needs_argument(word.substr(0, word.size() - 1));
      }
    }
    return std::nullopt;
  }

  static Error needs_argument(const std::string& option) {
    return Error{"option `" + option + "` needs an argument", std::string(kTryHelp)};
  }

  Result<Command> parsed() {
    const auto parameters = pairs(parameters_);
    if (!parameters) return parameters.error();
    const auto wanted = targets(target_);
    if (!wanted) return wanted.error();
    if (compile_app_->parsed()) {
      if (compile_.outputs.empty() == compile_.emit.empty()) {
        return Error{
            compile_.emit.empty() ? "a compilation needs an output"
                                  : "`-o` and `--emit` exclude each other",
            mistaken_command().value_or("give `-o FILE.sb`, `-o FILE.srtb`, or `--emit KIND`")};
      }
      for (const std::string& pass : passes_) {
        if (const Status known = compile_.passes.apply(pass); !known) return known.error();
      }
      compile_.targets = *wanted;
      compile_.parameters = *parameters;
      return Command(compile_);
    }
    if (explain_app_->parsed()) {
      explain_.targets = *wanted;
      explain_.parameters = *parameters;
      const bool is_whole =
          explain_.batch.empty() ? !explain_.subject.empty() : explain_.operation.empty();
      if (!is_whole) {
        return Error{"`explain` needs an operation and a subject, or `--batch FILE`",
                     "as in `srtc explain policy.srt read ~/.ssh`"};
      }
      return Command(explain_);
    }
    if (lint_app_->parsed()) {
      if (const auto wrong = not_one_of(lint_.format, kFormats, "a format")) return *wrong;
      lint_.targets = *wanted;
      return Command(lint_);
    }
    if (diff_app_->parsed()) {
      if (const auto wrong = not_one_of(diff_.format, kDiffFormats, "a format")) return *wrong;
      if (const auto wrong = not_one_of(diff_.fail_on, kChanges, "a change")) return *wrong;
      diff_.targets = *wanted;
      return Command(diff_);
    }
    if (test_app_->parsed()) {
      test_.parameters = *parameters;
      return Command(test_);
    }
    if (verify_app_->parsed()) return Command(verify_);
    if (fmt_app_->parsed()) return Command(fmt_);
    if (inspect_app_->parsed()) return Command(inspect_);
    if (migrate_app_->parsed()) return Command(migrate_);
    if (schema_app_->parsed()) return Command(SchemaCommand{});
    if (std_app_->parsed()) return Command(std_);
    run_.parameters = *parameters;
    run_.command = run_app_->remaining();
    if (!run_.command.empty() && run_.command.front().starts_with('-')) {
      return unknown_option(run_.command.front());
    }
    const bool ends_options = run_.command.empty() && !behind_dashes_.empty();
    run_.command.insert(run_.command.end(), behind_dashes_.begin() + (ends_options ? 1 : 0),
                        behind_dashes_.end());
    if (run_.command.empty()) {
      return Error{"`run` needs a command", "as in `srtc run policy.srt -- make test`"};
    }
    return Command(run_);
  }

  // What CLI11 found wrong, in our words: its own shout and name what it has left backwards.
  Error wrong_usage(const CLI::ParseError& error) const {
    const std::string text = error.what();
    const std::string subject = text.substr(0, text.find_first_of(": "));
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
      return wrong_count(subject);
    }
    if (dynamic_cast<const CLI::ValidationError*>(&error) != nullptr) {
      return needs_argument(subject);
    }
    const std::vector<std::string> left = app_.remaining(true);
    const auto option = std::find_if(left.begin(), left.end(), [](const std::string& word) {
      return word.size() > 1 && word[0] == '-';
    });
    if (option != left.end()) return unknown_option(*option);
    if (!left.empty()) {
      return Error{"unexpected argument `" + left.front() + "`",
                   mistaken_command().value_or(std::string(kTryHelp))};
    }
    return Error{"`" + subject + "` is missing", std::string(kTryHelp)};
  }

  // Of an option that has a value too few or too many. CLI11 names flags without their dashes.
  Error wrong_count(const std::string& name) const {
    if (!name.starts_with('-')) {
      return Error{"option `--" + name + "` takes no argument", std::string(kTryHelp)};
    }
    for (const CLI::App* command : app_.get_subcommands()) {
      const CLI::Option* option = command->get_option_no_throw(name);
      if (option == nullptr) continue;
      if (option->count() > static_cast<std::size_t>(option->get_items_expected_max())) {
        return Error{"option `" + name + "` is given more than once", std::string(kTryHelp)};
      }
    }
    return needs_argument(name);
  }

  Error unknown_option(const std::string& word) const {
    const std::string unknown = word.substr(0, word.find('='));
    std::vector<std::string> names;
    for (const CLI::App* command : app_.get_subcommands()) {
      for (const CLI::Option* option : command->get_options()) {
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
      }
    }
    const std::vector<std::string_view> views(names.begin(), names.end());
    return Error{"unknown option `" + unknown + "`", suggestion(unknown, views, kTryHelp)};
  }

  std::optional<std::string> mistaken_command() const {
    if (!mistaken_) return std::nullopt;
    return "did you mean `srtc " + std::string(*mistaken_) + "`?";
  }

  // What CLI11 takes unless it is told: a flag with a value, which can switch it off; an empty
  // value, as of a variable that is not set, which would drop what the option asks for.
  static void refuse_surprises(CLI::Option& option) {
    if (option.get_items_expected_max() == 0) {
      option.disable_flag_override();
      return;
    }
    if (option.get_positional()) return;
    option.allow_extra_args(false);
    option.check([](const std::string& value) { return value.empty() ? "empty" : ""; });
  }

  void add_parameters(CLI::App* command) {
    command->add_option("--param", parameters_, "Give a parameter a value")
        ->type_name("NAME=VALUE");
  }

  void add_target(CLI::App* command, const std::string& help) {
    command->add_option("--target", target_, help)->type_name("linux|macos|all");
  }

  static void add_root(CLI::App* command, std::string& root) {
    command->add_option("--root", root, "Let `use` read files in this directory only")
        ->type_name("DIR");
  }

  void add_compile() {
    compile_app_ = app_.add_subcommand("compile", "Compile a policy");
    compile_app_->add_option("POLICY", compile_.policy, "The policy")->required();
    compile_app_
        ->add_option("-o", compile_.outputs,
                     "Output, by its name a Seatbelt profile (.sb), a bundle\n"
                     "(.srtb) or a raw seccomp program (.bpf); may be repeated")
        ->type_name("FILE");
    compile_app_->add_option("--emit", compile_.emit, "Print one of: " + joined(emit_kinds()))
        ->type_name("KIND");
    compile_app_
        ->add_option("--arch", compile_.arch,
                     "Architecture for .bpf and --emit seccomp (default:\n"
                     "this machine's)")
        ->type_name("x86_64|aarch64|riscv64");
    compile_app_
        ->add_option("-O", passes_,
                     "Leave out a pass of the optimizer, all with `-O0`; one of\n" + pass_names())
        ->type_name("no-PASS");
    add_root(compile_app_, compile_.root);
    add_target(compile_app_, "What must be enforceable (default: by the output)");
    add_parameters(compile_app_);
    compile_app_->add_flag("--deny-warnings", compile_.deny_warnings, "Treat warnings as errors");
  }

  void add_lint() {
    lint_app_ = app_.add_subcommand("lint", "Report what is valid and probably not meant");
    lint_app_->add_option("POLICY", lint_.policies, "Policies")->required();
    lint_app_->add_option("--format", lint_.format, "How to report (default: text)")
        ->type_name("text|json|sarif");
    lint_app_
        ->add_option("--within", lint_.ceiling,
                     "Prove that they grant nothing that this policy denies")
        ->type_name("POLICY");
    add_root(lint_app_, lint_.root);
    add_target(lint_app_, "What must be enforceable (default: all)");
    lint_app_->add_flag("--deny-warnings", lint_.deny_warnings, "Treat warnings as errors");
  }

  void add_diff() {
    diff_app_ = app_.add_subcommand("diff", "Say what one policy allows and another denies");
    diff_app_->add_option("OLD", diff_.before, "The policy before")->required();
    diff_app_->add_option("NEW", diff_.after, "The policy after")->required();
    diff_app_->add_option("--format", diff_.format, "How to report (default: text)")
        ->type_name("text|json");
    diff_app_
        ->add_option("--fail-on", diff_.fail_on, "What makes the exit status 1 (default: widen)")
        ->type_name("widen|narrow|change");
    add_root(diff_app_, diff_.root);
    add_target(diff_app_, "Compare as on this target (default: all)");
  }

  void add_test() {
    test_app_ = app_.add_subcommand("test", "Check the `expect` statements of policies");
    test_app_->add_option("POLICY", test_.policies, "Policies")->required();
    add_root(test_app_, test_.root);
    add_parameters(test_app_);
  }

  void add_verify() {
    verify_app_ = app_.add_subcommand("verify", "Prove that artifacts say what their policy says");
    verify_app_->add_option("POLICY", verify_.policy, "The policy")->required();
    verify_app_->add_option("ARTIFACT", verify_.artifacts,
                            "Bundles (.srtb), raw seccomp programs (.bpf), Seatbelt\n"
                            "profiles (.sb); without one, the bundle that srtc makes");
    verify_app_
        ->add_option("--arch", verify_.arch, "Architecture of .bpf (default: this machine's)")
        ->type_name("x86_64|aarch64|riscv64");
    add_root(verify_app_, verify_.root);
  }

  void add_explain() {
    explain_app_ = app_.add_subcommand("explain", "Say what a policy decides and which rule does");
    explain_app_->add_option("POLICY", explain_.policy, "The policy")->required();
    explain_app_->add_option("OP", explain_.operation,
                             "read, write, connect, bind, unix, env, syscall or mach");
    explain_app_->add_option("SUBJECT", explain_.subject,
                             "A path, or for connect HOST:PORT (443 when left out)");
    explain_app_
        ->add_option("--batch", explain_.batch,
                     "Read one `OP SUBJECT` a line; print verdict, operation,\n"
                     "subject and rule, separated by tabs")
        ->type_name("FILE");
    add_root(explain_app_, explain_.root);
    add_target(explain_app_,
               "Decide as on this target, and say what it makes of the\n"
               "rule (default: as on linux, and say it of all)");
    add_parameters(explain_app_);
  }

  void add_inspect() {
    inspect_app_ = app_.add_subcommand("inspect", "Show what a bundle holds");
    inspect_app_->add_option("BUNDLE", inspect_.bundle, "The bundle")->required();
    inspect_app_->add_option("--section", inspect_.section, "Show one section only")
        ->type_name("NAME");
  }

  void add_fmt() {
    fmt_app_ = app_.add_subcommand("fmt", "Lay policies out, without changing what they say");
    fmt_app_->add_option("POLICY", fmt_.policies, "Policies; `-` is printed")->required();
    fmt_app_->add_flag("--check", fmt_.check,
                       "Change nothing; name the policies that would change");
    add_root(fmt_app_, fmt_.root);
  }

  void add_migrate() {
    migrate_app_ = app_.add_subcommand("migrate", "Write settings as a policy that decides alike");
    migrate_app_->add_option("SETTINGS", migrate_.settings, "The settings")->required();
    migrate_app_->add_option("-o", migrate_.output, "The policy (default: standard output)")
        ->type_name("FILE");
    migrate_app_->add_flag("--tighter", migrate_.tighter,
                           "Where the language cannot say a rule exactly, deny more");
  }

  void add_schema() {
    schema_app_ = app_.add_subcommand("schema", "Print a JSON Schema of both settings formats");
  }

  void add_std() {
    std_app_ = app_.add_subcommand("std", "List the built-in modules, or print one");
    std_app_->add_option("NAME", std_.module, "A module, as in `std.protect`");
  }

  void add_run() {
    run_app_ = app_.add_subcommand("run", "Compile a policy (once, then cached) and run a command");
    run_app_->add_option("POLICY", run_.policy, "The policy")->required();
    add_parameters(run_app_);
    add_root(run_app_, run_.root);
    run_app_->prefix_command();
  }

  CLI::App app_{"Compiles sandbox policies."};
  CLI::App* compile_app_ = nullptr;
  CLI::App* lint_app_ = nullptr;
  CLI::App* explain_app_ = nullptr;
  CLI::App* diff_app_ = nullptr;
  CLI::App* test_app_ = nullptr;
  CLI::App* verify_app_ = nullptr;
  CLI::App* inspect_app_ = nullptr;
  CLI::App* migrate_app_ = nullptr;
  CLI::App* schema_app_ = nullptr;
  CLI::App* fmt_app_ = nullptr;
  CLI::App* std_app_ = nullptr;
  CLI::App* run_app_ = nullptr;
  CompileCommand compile_;
  LintCommand lint_;
  ExplainCommand explain_;
  DiffCommand diff_;
  TestCommand test_;
  VerifyCommand verify_;
  InspectCommand inspect_;
  MigrateCommand migrate_;
  FmtCommand fmt_;
  StdCommand std_;
  RunCommand run_;
  std::vector<std::string> parameters_;
  std::vector<std::string> passes_;  // values of -O
  std::string target_;
  // Of `run`; the latter with the `--`. CLI11 would read options there.
  std::vector<std::string> before_dashes_;
  std::vector<std::string> behind_dashes_;
  std::optional<std::string_view> mistaken_;  // the command that a policy's name is near to
};

}  // namespace

Result<Command> parse_command_line(std::vector<std::string> arguments) {
  return CommandLine().parse(std::move(arguments));
}

}  // namespace srt::driver
