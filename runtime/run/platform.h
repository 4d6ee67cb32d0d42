#pragma once

#include <string>

#include "runtime/base/result.h"
#include "runtime/base/unique_fd.h"
#include "runtime/caller/caller.h"
#include "runtime/run/options.h"

/// What srt-run does with a bundle in each platform's own way: platform_linux.cc,
/// platform_macos.cc. What it does alike everywhere is in main.cc and below run_proxy.h.
namespace srt::platform {

/// What a person asked for: the bundle in `bytes`, on the command line of `options`.
struct Request {
  const Options& options;
  const std::string& bytes;
  const Caller& caller;
};

/// Runs the command confined and returns the exit status to end with; `control` is the descriptor
/// of `--control-fd`, or none. An error means that the command never ran, or that its output was
/// lost.
Result<int> run(const Request& request, UniqueFd control);

/// What `--dry-run` prints.
Result<std::string> describe_run(const Request& request);

/// What a check of the machine found, as text for people.
struct Findings {
  std::string text;
  bool holds;
};

/// `--selftest`.
Result<Findings> self_test(const Request& request);

/// `--doctor`: whether this machine can launch.
Findings examine_machine();

/// `--probe`, inside a sandbox.
Status answer_probes();

}  // namespace srt::platform
