#pragma once

#include "compiler/driver/command_line.h"

/// The commands of `srtc`. Each does its work, prints results on standard output and messages on
/// standard error, and returns its exit status (exit_status.h).
namespace srt::driver {

int run_command(const CompileCommand& command);
int run_command(const ExplainCommand& command);
int run_command(const DiffCommand& command);
int run_command(const VerifyCommand& command);
int run_command(const InspectCommand& command);
int run_command(const LintCommand& command);
int run_command(const TestCommand& command);
int run_command(const FmtCommand& command);
int run_command(const StdCommand& command);
int run_command(const SchemaCommand& command);
int run_command(const MigrateCommand& command);
int run_command(const RunCommand& command);
int run_command(const PrintCommand& command);

}  // namespace srt::driver
