#include "compiler/driver/command_line.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace srt::driver {
namespace {

using Words = std::vector<std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

template <typename T>
T parsed(Words words) {
  std::string line;
  for (const std::string& word : words) line += word + ' ';
  CAPTURE(line);
  Result<Command> command = parse_command_line(std::move(words));
  REQUIRE_MESSAGE(command, (command ? "" : command.error().message));
  REQUIRE(std::holds_alternative<T>(*command));
  return std::get<T>(*command);
}

// Message and help of what is wrong with these words, as they are shown.
std::string refusal(Words words) {
  const Result<Command> command = parse_command_line(std::move(words));
  return command ? "accepted" : command.error().message + "; " + command.error().help;
}

constexpr const char* kTryHelp = "; `srtc --help` lists commands and options";
constexpr const char* kNeedsOutput =
    "a compilation needs an output; give `-o FILE.sb`, `-o FILE.srtb`, or `--emit KIND`";
constexpr const char* kNeedsRequest =
    "`explain` needs an operation and a subject, or `--batch FILE`; as in `srtc explain policy.srt "
    "read ~/.ssh`";
constexpr const char* kNeedsCommand =
    "`run` needs a command; as in `srtc run policy.srt -- make test`";

TEST_CASE("compile takes outputs in their order and all its options") {
  const auto command =
      parsed<CompileCommand>({"compile", "p.srt", "-o", "a.sb", "-oa.srtb", "-o", "a.bpf", "--arch",
                              "aarch64", "--root=/srv", "--deny-warnings", "--target", "all"});
  CHECK(command.policy == "p.srt");
  CHECK(command.outputs == Words{"a.sb", "a.srtb", "a.bpf"});
  CHECK(command.arch == "aarch64");
  CHECK(command.root == "/srv");
  CHECK(command.emit.empty());
  CHECK(command.deny_warnings);
  CHECK(command.targets == Targets::all());
}

TEST_CASE("without a command the words are those of compile") {
  CHECK(parsed<CompileCommand>({"p.srt", "-o", "a.sb"}).policy == "p.srt");
  CHECK(parsed<CompileCommand>({"-o", "a.sb", "p.srt"}).policy == "p.srt");
  CHECK(parsed<CompileCommand>({"--emit", "ir", "p.srt"}).emit == "ir");
  CHECK(parsed<CompileCommand>({"./lint", "--emit", "ir"}).policy == "./lint");
  const auto command = parsed<CompileCommand>({"p.srt", "--emit", "ir"});
  CHECK_FALSE(command.targets);
  CHECK_FALSE(command.deny_warnings);
  CHECK(command.root.empty());
  CHECK(command.arch.empty());
}

TEST_CASE("`-` is a policy, and `--` ends options") {
  CHECK(parsed<CompileCommand>({"-", "--emit", "ir"}).policy == "-");
  CHECK(parsed<LintCommand>({"lint", "-"}).policies == Words{"-"});
  CHECK(parsed<CompileCommand>({"--emit", "ir", "--", "-p.srt"}).policy == "./-p.srt");
  CHECK(parsed<LintCommand>({"lint", "a", "--", "--root", "-b"}).policies ==
        Words{"a", "./--root", "./-b"});
  CHECK(parsed<LintCommand>({"lint", "--", "-", "--"}).policies == Words{"-", "./--"});
  CHECK(parsed<ExplainCommand>({"explain", "p", "--", "read", "-x"}).subject == "./-x");
  CHECK(refusal({"--", "p.srt", "--emit", "ir"}) ==
        std::string("unexpected argument `./--emit`") + kTryHelp);
  CHECK(refusal({"p.srt", "--emit", "ir", "--", "--emit", "sb"}) ==
        std::string("unexpected argument `./--emit`") + kTryHelp);
}

TEST_CASE("targets are named or left to the command") {
  const auto targets = [](const char* name) {
    return parsed<CompileCommand>({"p", "--emit", "ir", "--target", name}).targets;
  };
  CHECK(targets("linux") == Targets::only(Target::linux));
  CHECK(targets("macos") == Targets::only(Target::macos));
  CHECK(targets("all") == Targets::all());
  CHECK(parsed<LintCommand>({"lint", "p", "--target", "macos"}).targets ==
        Targets::only(Target::macos));
  CHECK(parsed<ExplainCommand>({"explain", "p", "read", "/x", "--target", "linux"}).targets ==
        Targets::only(Target::linux));
  CHECK(refusal({"p", "--emit", "ir", "--target", "linx"}) ==
        "`linx` is not a target; did you mean `linux`?");
  CHECK(refusal({"p", "--emit", "ir", "--target", "windows"}) ==
        "`windows` is not a target; it is one of `linux`, `macos`, `all`");
}

TEST_CASE("parameters keep their order, and all behind the first `=` is the value") {
  const auto command = parsed<CompileCommand>(
      {"p", "--emit", "bwrap", "--param", "cwd=/a=b", "--param=x=", "--param", "y=1"});
  CHECK(command.parameters == Pairs{{"cwd", "/a=b"}, {"x", ""}, {"y", "1"}});
  CHECK(refusal({"p", "--emit", "bwrap", "--param", "x=1", "--param", "x=2"}) ==
        "the parameter `x` is given more than once; remove one of the two");
  for (const char* wrong : {"x", "=x"}) {
    CHECK(refusal({"p", "--emit", "bwrap", "--param", wrong}) ==
          std::string("`--param ") + wrong + "` has no value; write `--param NAME=VALUE`");
  }
}

TEST_CASE("a compilation has outputs or a kind to print, not both") {
  CHECK(refusal({"p.srt"}) == kNeedsOutput);
  CHECK(refusal({"compile", "-"}) == kNeedsOutput);
  CHECK(refusal({"p.srt", "-o", "a.sb", "--emit", "ir"}) ==
        "`-o` and `--emit` exclude each other; give `-o FILE.sb`, `-o FILE.srtb`, or `--emit "
        "KIND`");
}

TEST_CASE("lint takes policies and a format") {
  const auto command = parsed<LintCommand>(
      {"lint", "a.srt", "b.json", "--format", "sarif", "--root", "/r", "--deny-warnings"});
  CHECK(command.policies == Words{"a.srt", "b.json"});
  CHECK(command.format == "sarif");
  CHECK(command.root == "/r");
  CHECK(command.deny_warnings);
  CHECK(parsed<LintCommand>({"lint", "a"}).format == "text");
  CHECK(parsed<LintCommand>({"lint", "a", "--format", "json"}).format == "json");
  CHECK(refusal({"lint", "a", "--format", "jsn"}) == "`jsn` is not a format; did you mean `json`?");
  CHECK(refusal({"lint", "a", "--format", "html"}) ==
        "`html` is not a format; it is one of `text`, `json`, `sarif`");
}

TEST_CASE("explain takes one request or a file of them") {
  const auto one = parsed<ExplainCommand>(
      {"explain", "p", "read", "~/.ssh", "--root", "/r", "--param", "cwd=/w"});
  CHECK(one.policy == "p");
  CHECK(one.operation == "read");
  CHECK(one.subject == "~/.ssh");
  CHECK(one.batch.empty());
  CHECK(one.root == "/r");
  CHECK(one.parameters == Pairs{{"cwd", "/w"}});
  CHECK_FALSE(one.targets);
  CHECK(parsed<ExplainCommand>({"explain", "p", "read", "[a]"}).subject == "[a]");
  CHECK(parsed<ExplainCommand>({"explain", "p", "--batch", "-"}).batch == "-");

  CHECK(refusal({"explain", "p"}) == kNeedsRequest);
  CHECK(refusal({"explain", "p", "read"}) == kNeedsRequest);
  CHECK(refusal({"explain", "p", "read", ""}) == kNeedsRequest);
  CHECK(refusal({"explain", "p", "read", "/x", "--batch", "f"}) == kNeedsRequest);
  CHECK(refusal({"explain", "p", "read", "--batch", "f"}) == kNeedsRequest);
}

TEST_CASE("test, fmt, inspect, migrate, schema and std take what they need") {
  const auto test = parsed<TestCommand>({"test", "a", "b", "--root", "/r", "--param", "k=v"});
  CHECK(test.policies == Words{"a", "b"});
  CHECK(test.root == "/r");
  CHECK(test.parameters == Pairs{{"k", "v"}});

  const auto fmt = parsed<FmtCommand>({"fmt", "--check", "a", "b", "--root", "/r"});
  CHECK(fmt.policies == Words{"a", "b"});
  CHECK(fmt.root == "/r");
  CHECK(fmt.check);
  CHECK_FALSE(parsed<FmtCommand>({"fmt", "a"}).check);

  const auto inspect = parsed<InspectCommand>({"inspect", "b.srtb", "--section", "rules"});
  CHECK(inspect.bundle == "b.srtb");
  CHECK(inspect.section == "rules");
  CHECK(parsed<InspectCommand>({"inspect", "b.srtb"}).section.empty());

  const auto migrate = parsed<MigrateCommand>({"migrate", "s.json", "-o", "p.srt", "--tighter"});
  CHECK(migrate.settings == "s.json");
  CHECK(migrate.output == "p.srt");
  CHECK(migrate.tighter);
  CHECK(parsed<MigrateCommand>({"migrate", "-"}).output.empty());
  CHECK_FALSE(parsed<MigrateCommand>({"migrate", "-"}).tighter);

  parsed<SchemaCommand>({"schema"});
  CHECK(parsed<StdCommand>({"std"}).module.empty());
  CHECK(parsed<StdCommand>({"std", "std.protect"}).module == "std.protect");
}

TEST_CASE("run hands on everything behind the policy as it is") {
  const auto run = [](Words words) {
    words.insert(words.begin(), "run");
    return parsed<RunCommand>(std::move(words));
  };
  CHECK(run({"p", "make", "test"}).command == Words{"make", "test"});
  CHECK(run({"p", "--", "make", "test"}).command == Words{"make", "test"});
  CHECK(run({"p", "ls", "--help", "-x", "--a="}).command == Words{"ls", "--help", "-x", "--a="});
  CHECK(run({"p", "--", "-x"}).command == Words{"-x"});
  CHECK(run({"p", "--", "git", "log", "--", "x"}).command == Words{"git", "log", "--", "x"});
  CHECK(run({"p", "git", "log", "--", "--", "x"}).command == Words{"git", "log", "--", "--", "x"});
  CHECK(run({"p", "echo", ""}).command == Words{"echo", ""});
  CHECK(run({"p", "echo", "[a,b]"}).command == Words{"echo", "[a,b]"});
  const auto both = run({"--param", "a=1", "p", "--param", "b=2", "cmd", "--param", "c=3"});
  CHECK(both.policy == "p");
  CHECK(both.parameters == Pairs{{"a", "1"}, {"b", "2"}});
  CHECK(both.command == Words{"cmd", "--param", "c=3"});
}

TEST_CASE("`--` before the policy of run ends the options of run alone") {
  const auto command =
      parsed<RunCommand>({"run", "--param", "a=1", "--", "-p.srt", "git", "--", "x"});
  CHECK(command.policy == "./-p.srt");
  CHECK(command.parameters == Pairs{{"a", "1"}});
  CHECK(command.command == Words{"git", "--", "x"});
  CHECK(refusal({"run", "--", "p.srt"}) == kNeedsCommand);
}

TEST_CASE("run needs a policy and a command, and knows its options") {
  CHECK(refusal({"run"}) == std::string("`POLICY` is missing") + kTryHelp);
  CHECK(refusal({"run", "--"}) == std::string("`POLICY` is missing") + kTryHelp);
  CHECK(refusal({"run", "p"}) == kNeedsCommand);
  CHECK(refusal({"run", "p", "--"}) == kNeedsCommand);
  CHECK(refusal({"run", "p", "--parm", "a=1", "true"}) ==
        "unknown option `--parm`; did you mean `--param`?");
  CHECK(refusal({"run", "-v", "p", "true"}) == std::string("unknown option `-v`") + kTryHelp);
}

TEST_CASE("what is missing is named") {
  CHECK(refusal({}) == std::string("no command and no policy is given") + kTryHelp);
  for (const char* command : {"compile", "lint", "explain", "test", "fmt"}) {
    CAPTURE(command);
    CHECK(refusal({command}) == std::string("`POLICY` is missing") + kTryHelp);
  }
  CHECK(refusal({"inspect"}) == std::string("`BUNDLE` is missing") + kTryHelp);
  CHECK(refusal({"migrate"}) == std::string("`SETTINGS` is missing") + kTryHelp);
}

TEST_CASE("a word too much is named, with the command that was meant") {
  for (const Words& words : {Words{"p", "-o", "a.sb", "more"},
                             {"explain", "p", "read", "/x", "more"},
                             {"inspect", "b", "more"},
                             {"migrate", "s", "more"},
                             {"schema", "more"},
                             {"std", "std.go", "more"}}) {
    CAPTURE(words[0]);
    CHECK(refusal(words) == std::string("unexpected argument `more`") + kTryHelp);
  }
  CHECK(refusal({"explan", "p.srt", "read", "/x"}) ==
        "unexpected argument `p.srt`; did you mean `srtc explain`?");
  CHECK(refusal({"lnit", "p.srt"}) == "unexpected argument `p.srt`; did you mean `srtc lint`?");
  CHECK(refusal({"schem"}) == "a compilation needs an output; did you mean `srtc schema`?");
}

TEST_CASE("an unknown option comes with the one that was meant, of the command at hand") {
  CHECK(refusal({"p", "--emt", "ir"}) == "unknown option `--emt`; did you mean `--emit`?");
  CHECK(refusal({"p", "--emt=ir"}) == "unknown option `--emt`; did you mean `--emit`?");
  CHECK(refusal({"lint", "p", "--fromat", "json"}) ==
        "unknown option `--fromat`; did you mean `--format`?");
  CHECK(refusal({"fmt", "p", "--chek"}) == "unknown option `--chek`; did you mean `--check`?");
  CHECK(refusal({"inspect", "p", "--emt"}) == std::string("unknown option `--emt`") + kTryHelp);
  CHECK(refusal({"p", "-x"}) == std::string("unknown option `-x`") + kTryHelp);
}

TEST_CASE("a value that is missing or empty drops nothing silently") {
  const auto needs = [](const std::string& option) {
    return "option `" + option + "` needs an argument" + kTryHelp;
  };
  for (const char* name : {"--root", "--target", "--arch", "--emit", "--param"}) {
    const std::string option = name;
    CAPTURE(option);
    CHECK(refusal({"p", "-o", "a.sb", option}) == needs(option));
    CHECK(refusal({"p", "-o", "a.sb", option, ""}) == needs(option));
    CHECK(refusal({"p", option + "=", "-o", "a.sb"}) == needs(option));
  }
  CHECK(refusal({"p", "-o"}) == needs("-o"));
  CHECK(refusal({"p", "-o", ""}) == needs("-o"));
  CHECK(refusal({"migrate", "s", "-o", ""}) == needs("-o"));
  CHECK(refusal({"explain", "p", "--batch", ""}) == needs("--batch"));
  CHECK(refusal({"inspect", "b", "--section="}) == needs("--section"));
  CHECK(refusal({"lint", "p", "--format="}) == needs("--format"));
  CHECK(refusal({"run", "--param=", "p", "true"}) == needs("--param"));
}

TEST_CASE("an option with one value is given once") {
  const auto twice = [](const std::string& option) {
    return "option `" + option + "` is given more than once" + kTryHelp;
  };
  CHECK(refusal({"p", "--emit", "ir", "--emit", "sb"}) == twice("--emit"));
  CHECK(refusal({"p", "-o", "a.sb", "--root", "/a", "--root=/b"}) == twice("--root"));
  CHECK(refusal({"lint", "p", "--format", "json", "--format", "json"}) == twice("--format"));
  CHECK(refusal({"migrate", "s", "-o", "a", "-o", "b"}) == twice("-o"));
}

TEST_CASE("a flag takes no value, so that none switches it off") {
  for (const char* flag : {"--deny-warnings=false", "--deny-warnings=0", "--deny-warnings=x"}) {
    CHECK(refusal({"lint", "p", flag}) ==
          std::string("option `--deny-warnings` takes no argument") + kTryHelp);
  }
  CHECK(refusal({"fmt", "p", "--check=false"}) ==
        std::string("option `--check` takes no argument") + kTryHelp);
  CHECK(refusal({"migrate", "p", "--tighter=false"}) ==
        std::string("option `--tighter` takes no argument") + kTryHelp);
  CHECK(parsed<LintCommand>({"lint", "p", "--deny-warnings", "--deny-warnings"}).deny_warnings);
}

TEST_CASE("a policy's name in brackets is one name") {
  for (const char* command : {"lint", "test", "fmt"}) {
    CAPTURE(command);
    const Result<Command> read = parse_command_line({command, "[a,b]", "p"});
    REQUIRE(read);
    std::visit(
        [](const auto& chosen) {
          if constexpr (requires { chosen.policies; }) {
            CHECK(chosen.policies == Words{"./[a,b]", "p"});
          }
        },
        *read);
  }
  CHECK(parsed<CompileCommand>({"[a,b]", "--emit", "ir"}).policy == "[a,b]");
}

TEST_CASE("help and version are printed, whatever else is there") {
  CHECK(parsed<PrintCommand>({"--version"}).text == "srtc " SRT_VERSION "\n");
  const std::string help = parsed<PrintCommand>({"--help"}).text;
  CHECK(parsed<PrintCommand>({"-h"}).text == help);
  for (const char* command : {"compile", "lint", "explain", "test", "inspect", "fmt", "migrate",
                              "schema", "std", "run"}) {
    CAPTURE(command);
    CHECK(help.find(std::string("\n  ") + command + ' ') != std::string::npos);
    const std::string own = parsed<PrintCommand>({command, "--help"}).text;
    CHECK(own.starts_with(std::string("usage: srtc ") + command + ' '));
    CHECK(own.ends_with('\n'));
  }
}

}  // namespace
}  // namespace srt::driver
