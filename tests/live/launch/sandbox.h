#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "runtime/launch/launch.h"
#include "tests/live/support/host.h"

namespace srt::live {

/// How a launcher process is started.
struct Launcher {
  uid_t user;
  LaunchSpec spec;
  int input = -1;                     ///< its descriptor 0; -1: /dev/null
  std::function<void()> before = {};  ///< called in it, as the user, before the launch
  /// Called in it with the sandbox's network.
  std::function<void(asio::io_context&, SandboxNetwork)> serve = {};
};

/// A spec with which `command` sees the whole host read-only, and `scratch` writable.
LaunchSpec basic_spec(std::vector<std::string> command, const Scratch& scratch);

/// The same for a shell script.
LaunchSpec script_spec(const std::string& script, const Scratch& scratch);

/// Makes this process, a fork of the test, the launcher; exits with the status of its Ending.
[[noreturn]] void be_launcher(const Launcher& launcher);

/// Runs a launcher to its end. The status is what launch() returned, 125 for an error, which is
/// printed as `MESSAGE (HELP)`.
Ending run(const Launcher& launcher);

/// Starts a launcher whose output goes to `output`, in a session of its own. Returns its pid, which
/// is the session's id.
pid_t start(const Launcher& launcher, int output);

/// The processes of session `id`, without those that are dead and wait to be reaped.
std::vector<pid_t> session_members(pid_t id);

}  // namespace srt::live
