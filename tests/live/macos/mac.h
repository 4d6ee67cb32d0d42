#pragma once

#include <string>
#include <vector>

#include "tests/live/run/account.h"

namespace srt::live {

/// An account whose srt-run is the one of macOS, with the tests' sandbox-exec beside it. It is an
/// ordinary user where the test runs as root: nothing here asks more of the kernel for one.
class Mac {
 public:
  Mac();

  Account& account() { return account_; }
  const std::string& program() const { return program_; }

  /// Compiles a policy for macOS; returns the path of the bundle.
  std::string compile(const std::string& policy) const;

  /// Runs a shell script under a policy. What its sandbox-exec was told is in log().
  Ending run_under(const std::string& policy, const std::string& script);
  /// Runs a command line of srt-run, from its options on.
  Ending run(std::vector<std::string> words);

  /// Has the next runs' sandbox-exec ask its profile, `OPERATION KIND SUBJECT` a line.
  void ask(const std::string& questions) { account_.set("SRT_ASK", questions); }
  /// The words that the last sandbox-exec got, one a line, and the answers.
  std::string log() const { return content(account_ / "log"); }

  /// What runs keep beneath the cache, and private directories for temporary files: how many.
  int files_of_runs() const;
  int private_directories() const;

 private:
  Account account_;
  std::string program_;
};

}  // namespace srt::live
