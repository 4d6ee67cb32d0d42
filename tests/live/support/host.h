#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "runtime/base/unique_fd.h"

namespace srt::live {

/// The users that a test can be: root and an ordinary one when the test runs as root, else its own.
std::vector<uid_t> users();

/// Makes this process, a fork of the test, one of `user`, without supplementary groups.
void become(uid_t user);

/// Ends the test program, saying what failed, when something that it needs cannot be done.
void check(bool done, const char* what);

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

/// How a program ended.
struct Ending {
  int status = -1;  ///< its exit status, 128+N when signal N ended it
  std::string out;  ///< what it and its children printed
  std::string err;
};

/// A pipe that no program inherits.
struct Pipe {
  Pipe();

  UniqueFd reading;
  UniqueFd writing;
};

/// All that can be read from descriptor `fd` until its other end is closed.
std::string drain(int fd);

/// Makes `input` descriptor 0 of this process; /dev/null for -1.
void set_input(int input);

/// Runs `body`, which does not return, in a fork of this process with descriptor 0 from `input`, as
/// set_input() takes it. Waits for its end and for that of everything that holds its output; after
/// ten seconds it is killed and the status is -1.
Ending run_forked(int input, const std::function<void()>& body);

/// Waits up to ten seconds for `condition`; returns whether it came.
bool wait_until(const std::function<bool()>& condition);

/// Waits for child `pid` to end, ten seconds at most; returns what Ending::status means, or -1.
int wait_for_end(pid_t pid);

bool exists(const std::string& path);

/// What is in a file; nothing where it cannot be read.
std::string content(const std::string& path);

/// An address of this machine that is neither loopback nor link-local; none where it has no other.
std::string own_address();

}  // namespace srt::live
