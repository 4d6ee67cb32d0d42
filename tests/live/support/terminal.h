#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "runtime/base/unique_fd.h"

namespace srt::live {

/// A program on a terminal of its own, as a shell would start it: in the foreground, in a process
/// group beside that of the shell. That prints `stopped by N` when its job stops, and goes on with
/// it at once, and `ended with N` at the end.
class Terminal {
 public:
  /// `program` is what the job does, as a user's if it makes itself one; it does not return. The
  /// terminal is `owner`'s.
  Terminal(uid_t owner, const std::function<void()>& program);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void type(const std::string& text);
  void resize(unsigned short rows, unsigned short columns);
  void hang_up() { master_.reset(); }

  /// Waits until `text` was printed; returns whether it was.
  bool await(const std::string& text);
  bool has_printed(const std::string& text) const { return seen_.find(text) != seen_.npos; }

 private:
  pid_t shell_ = -1;
  UniqueFd master_;
  std::string seen_;
};

}  // namespace srt::live
