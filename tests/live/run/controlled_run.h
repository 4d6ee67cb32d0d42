#pragma once

#include <signal.h>
#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/live/run/account.h"
#include "tests/live/support/host.h"

namespace srt::live {

/// A bash script under a launcher that has descriptor kControl to be told new rules on. In the
/// script `get WORD HOST:PORT` prints WORD and the status of a request by the proxy, and
/// `wait_for NAME` waits for `let`.
class ControlledRun {
 public:
  static constexpr int kControl = 9;

  /// `launcher` is the command line up to the command.
  ControlledRun(Account& account, std::vector<std::string> launcher, const std::string& script);

  /// Reads what it says until a line that holds `text`; false when it ends, or says nothing for ten
  /// seconds, before.
  bool says(const std::string& text);
  bool is_silent() const { return !has_output(100); }
  const std::string& said() const { return said_; }

  void tell(const std::string& text) const;
  void end_control() { control_.writing.reset(); }

  /// Lets the script go on behind `wait_for NAME`.
  void let(const std::string& name) const { account_.file("project/" + name, ""); }
  void send(int signal) const { kill(pid_, signal); }
  /// As a terminal does: to the whole job.
  void send_all(int signal) const { kill(-pid_, signal); }
  int end() const { return wait_for_end(pid_); }

 private:
  bool has_output(int milliseconds) const;

  Account& account_;
  Pipe control_;
  Pipe output_;
  pid_t pid_;
  std::string said_;
};

}  // namespace srt::live
