#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "runtime/launch/launch.h"

namespace srt::live {

/// The users that a test can be: root and an ordinary one when the test runs as root, else its own.
std::vector<uid_t> users();

/// A directory on the host that belongs to `user`, removed with all it holds.
class Scratch {
 public:
  explicit Scratch(uid_t user);
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  /// Makes a file or a directory that belongs to the user; returns its path.
  std::string file(const std::string& name, const std::string& text, mode_t mode = 0644) const;
  std::string directory(const std::string& name) const;

 private:
  std::string path_;
  uid_t user_;
};

/// How a launcher process is started.
struct Launcher {
  uid_t user;
  LaunchSpec spec;
  int input = -1;                     ///< its descriptor 0; -1: /dev/null
  std::function<void()> before = {};  ///< called in it, as the user, before the launch
  /// Called in it with the listeners of the launch.
  std::function<void(asio::io_context&, std::vector<UniqueFd>)> serve = {};
};

/// A spec with which `command` sees the whole host read-only, and `scratch` writable.
LaunchSpec basic_spec(std::vector<std::string> command, const Scratch& scratch);

/// The same for a shell script.
LaunchSpec script_spec(const std::string& script, const Scratch& scratch);

/// How a launcher ended.
struct Ending {
  int status;       ///< what launch() returned, 125 for an error, 128+N when a signal ended it
  std::string out;  ///< what it and the command printed
  std::string err;  ///< likewise; an error as `MESSAGE (HELP)`
};

/// Makes this process, a fork of the test, the launcher; exits with Ending::status.
[[noreturn]] void be_launcher(const Launcher& launcher);

/// Runs a launcher to its end.
Ending run(const Launcher& launcher);

/// Starts a launcher whose output goes to `output`, in a session of its own. Returns its pid, which
/// is the session's id.
pid_t start(const Launcher& launcher, int output);

/// The processes of session `id`, without those that are dead and wait to be reaped.
std::vector<pid_t> session_members(pid_t id);

/// Waits up to ten seconds for `condition`; returns whether it came.
bool wait_until(const std::function<bool()>& condition);

/// Waits for child `pid` to end, ten seconds at most; returns what Ending::status means, or -1.
int wait_for_end(pid_t pid);

bool exists(const std::string& path);

}  // namespace srt::live
