#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/base/unique_fd.h"
#include "runtime/launch/launch.h"
#include "runtime/launch/namespace_child.h"
#include "runtime/launch/stage_message_encoder.h"
#include "runtime/plan/mount_plan.h"

namespace asio {
class io_context;
}

namespace srt {

/// What a running launch consists of, from the launcher's side.
struct RunningLaunch {
  NamespaceChild bwrap;
  UniqueFd control;      ///< the stage's reports
  UniqueFd signals;      ///< signalfd(2) of what is passed on to the command
  UniqueFd bwrap_error;  ///< read end, non-blocking: what bwrap says when it fails
  const std::vector<CheckedMount>& mounts;  ///< as the stage was told them
  std::vector<const Mount*> plan;           ///< the effective ones of the plan
  const std::string& command;               ///< its name, for messages
  const std::function<void(const RefusedName&)>& on_refused_name;
};

/// Lets the stage start the command and runs `io` until that or the launch has ended, passing
/// signals on, following stops, and covering again what the host replaces beneath a mount; where
/// that cannot be done the run ends. Everything in the sandbox is dead when this returns. Returns
/// and fails as launch() does.
Result<int> supervise(RunningLaunch running, asio::io_context& io);

}  // namespace srt
