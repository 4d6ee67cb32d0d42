#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/live/support/host.h"

namespace srt::live {

/// One user of this machine with a fresh home directory and a project to work in, and the built
/// programs in the search path. At its end nothing that was started through it may still run.
///
///     /tmp/srt-live-XXXXXX/home      HOME
///     /tmp/srt-live-XXXXXX/project   the working directory
///     /tmp/srt-live-XXXXXX/policy.srtb
class Account {
 public:
  explicit Account(uid_t user);
  ~Account();

  /// Name of a file or directory from the root of all that belongs to this account.
  std::string operator/(const std::string& name) const { return root_ / name; }
  std::string home() const { return *this / "home"; }
  std::string project() const { return *this / "project"; }
  uid_t user() const { return user_; }

  /// As Scratch has them. Directories above have to be there.
  std::string file(const std::string& name, const std::string& text, mode_t mode = 0644) const;
  std::string directory(const std::string& name) const;

  /// The directory that commands start in, the project at first.
  void enter(const std::string& directory) { directory_ = directory; }
  void set(const std::string& variable, const std::string& value);
  void unset(const std::string& variable);

  /// What a process that run() or start() makes does, in the directory, before it becomes one of
  /// the user's and then the program.
  void before_each(std::function<void()> body) { before_ = std::move(body); }

  /// Runs a command line, the program looked up in PATH, in a session of its own. Input is
  /// /dev/null; after ten seconds it is killed and the status is -1.
  Ending run(const std::vector<std::string>& words) const;

  /// Makes this process, a fork of the test, that program, in a session of its own where it can
  /// have one.
  [[noreturn]] void become_program(const std::vector<std::string>& words) const;

  /// Starts one with its output and errors to descriptor `output`. Returns its pid.
  pid_t start(const std::vector<std::string>& words, int output) const;

  /// Compiles a policy in the policy language; returns the path of the bundle. Ends the test where
  /// that fails.
  std::string compile(const std::string& policy) const;

  /// Runs a shell script under a policy.
  Ending run_under(const std::string& policy, const std::string& script) const;

 private:
  uid_t user_;
  Scratch root_;
  std::string directory_;
  std::vector<std::pair<std::string, std::string>> environment_;
  std::function<void()> before_;
};

/// The folder of copies of the programs that every user can execute: a build tree may lie in a
/// directory that only its owner can enter.
const std::string& programs();

/// Whether `text` is one line, ended.
bool is_one_line(const std::string& text);

bool contains(const std::string& text, const std::string& part);

}  // namespace srt::live
