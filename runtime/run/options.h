#pragma once

#include <string>
#include <utility>
#include <vector>

#include "runtime/base/result.h"

namespace srt {

/// What the command line of `srt-run` asks for.
struct Options {
  enum class Action { run, dry_run, self_test, probe, doctor, connect, help, version };

  Action action = Action::run;
  std::vector<std::pair<std::string, std::string>> parameters;  ///< `--param k=v`, in order
  std::string report;                                           ///< a file, or empty
  bool verbose = false;
  int control = -1;    ///< the descriptor of `--control-fd`; -1 where there is none
  std::string target;  ///< of `--connect`, `HOST:PORT`
  std::string bundle;
  std::vector<std::string> command;
};

/// Reads the arguments behind the program's name. Options end at the first operand or `--`.
Result<Options> parse_options(const std::vector<std::string>& arguments);

/// The text of `--help`.
std::string usage();

}  // namespace srt
