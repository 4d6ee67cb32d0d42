#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "compiler/backend/target.h"
#include "compiler/optimize/optimize.h"
#include "runtime/base/result.h"

namespace srt::driver {

/// `srtc [compile] POLICY -o OUT… | --emit KIND`
struct CompileCommand {
  std::string policy;
  std::vector<std::string> outputs;
  std::string emit;  ///< empty when outputs are given
  std::string arch;  ///< for `.bpf` and `--emit seccomp`
  std::optional<Targets> targets;
  std::vector<std::pair<std::string, std::string>> parameters;  ///< for `--emit bwrap`
  std::string root;  ///< where used files have to lie; empty for anywhere
  optimize::Switches passes = {};
  bool deny_warnings = false;
};

/// `srtc explain POLICY OP SUBJECT | --batch FILE`
struct ExplainCommand {
  std::string policy;
  std::string operation;
  std::string subject;
  std::string batch;
  std::string root;  ///< as of compile
  std::optional<Targets> targets;
  std::vector<std::pair<std::string, std::string>> parameters;
};

/// `srtc lint POLICY…`
struct LintCommand {
  std::vector<std::string> policies;
  std::string format = "text";  ///< or `json`, `sarif`
  std::string root;             ///< as of compile
  std::string ceiling;          ///< a policy that grants all that they may grant; may be empty
  std::optional<Targets> targets;
  bool deny_warnings = false;
};

/// `srtc diff OLD NEW`
struct DiffCommand {
  std::string before;
  std::string after;
  std::string format = "text";    ///< or `json`
  std::string fail_on = "widen";  ///< or `narrow`, `change`
  std::string root;               ///< as of compile
  std::optional<Targets> targets;
};

/// `srtc test POLICY…`
struct TestCommand {
  std::vector<std::string> policies;
  std::string root;  ///< as of compile
  std::vector<std::pair<std::string, std::string>> parameters;
};

/// `srtc verify POLICY [ARTIFACT…]`
struct VerifyCommand {
  std::string policy;
  std::vector<std::string> artifacts;  ///< without one, what the compiler makes
  std::string arch;                    ///< of `.bpf`
  std::string root;                    ///< as of compile
};

/// `srtc fmt POLICY…`
struct FmtCommand {
  std::vector<std::string> policies;
  std::string root;    ///< as of compile
  bool check = false;  ///< only name what would change
};

/// `srtc inspect BUNDLE`
struct InspectCommand {
  std::string bundle;
  std::string section;  ///< empty for all
};

/// `srtc std [NAME]`
struct StdCommand {
  std::string module;  ///< empty to list
};

/// `srtc schema`
struct SchemaCommand {};

/// `srtc migrate SETTINGS.json [-o POLICY.srt]`
struct MigrateCommand {
  std::string settings;
  std::string output;    ///< empty for standard output
  bool tighter = false;  ///< what the policy language cannot say may come out tighter
};

/// `srtc run POLICY [--] CMD…`
struct RunCommand {
  std::string policy;
  std::string root;  ///< as of compile
  std::vector<std::pair<std::string, std::string>> parameters;
  std::vector<std::string> command;
};

/// `--help` and `--version`: what to print.
struct PrintCommand {
  std::string text;
};

using Command = std::variant<CompileCommand, LintCommand, ExplainCommand, DiffCommand, TestCommand,
                             VerifyCommand, InspectCommand, FmtCommand, MigrateCommand,
                             SchemaCommand, StdCommand, RunCommand, PrintCommand>;

/// Reads the arguments behind the program's name. Errors are of usage.
Result<Command> parse_command_line(std::vector<std::string> arguments);

}  // namespace srt::driver
