#pragma once

#include <sys/types.h>

#include <array>
#include <asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/base/unique_fd.h"
#include "runtime/plan/mount_plan.h"
#include "runtime/run/pump.h"

namespace srt {

/// What the command gets as input, output and errors. A descriptor is a way to what is behind it:
/// by its name in /proc/self/fd a file that was opened for reading is opened for writing, a log
/// read and cut, and its owner changes its mode. So a file is passed as it is only where the policy
/// lets it be written anyway; any other is behind a pipe here, which takes and gives bytes only.
/// Terminals, sockets, anonymous pipes and devices like /dev/null lead to nothing more than they
/// are; connections of the host's network could be connected elsewhere.
class StandardStreams {
 public:
  /// Looks at this process's descriptors 0 to 2, which are open. An error for what leads further
  /// and cannot be put behind a pipe, a directory above all.
  static Result<StandardStreams> make(const MountPlan& plan, asio::io_context& io);

  /// What to start the command with, in the order of its descriptors.
  const std::array<int, 3>& descriptors() const { return descriptors_; }

  /// One sentence for each descriptor that is behind a pipe.
  const std::vector<std::string>& notes() const { return notes_; }

  /// To be called when the command's first process has its descriptors: begins to carry.
  void start();

  /// To be called when no process of the command is left: passes on what they wrote last, gives
  /// terminals the mode that they had, and sets a file that is input back to what they did not
  /// read, for whoever reads it next. An error when not all that they wrote could be passed on.
  Status finish();

 private:
  struct Output {
    std::unique_ptr<Pump> pump;
    int number;
  };

  /// Its owner's command can let everybody read and write it; only while it runs.
  struct Terminal {
    int number;
    mode_t mode;
  };

  void give_back();

  std::array<int, 3> descriptors_ = {0, 1, 2};
  std::vector<UniqueFd> inner_ends_;
  std::unique_ptr<Pump> input_;
  UniqueFd unread_;  // the reading end of the pipe of input_
  std::vector<Output> outputs_;
  std::vector<Terminal> terminals_;
  std::vector<std::string> notes_;
};

}  // namespace srt
