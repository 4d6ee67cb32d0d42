#pragma once

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <functional>
#include <optional>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/launch/mask_watcher.h"
#include "runtime/launch/mount_again.h"
#include "runtime/plan/mount_plan.h"

namespace srt {

/// Covers again what the host replaces beneath a mount while the command runs.
class MaskKeeper {
 public:
  /// `mounts` are the plan's effective ones, in order, and outlive this.
  MaskKeeper(asio::io_context& io, std::vector<const Mount*> mounts);
  MaskKeeper(const MaskKeeper&) = delete;
  MaskKeeper& operator=(const MaskKeeper&) = delete;
  ~MaskKeeper();

  /// Begins for the sandbox in which the process of `pidfd` runs. What happens in the first tenth
  /// of a second is made up for at its end: to give inotify(7) back takes the kernel some
  /// milliseconds, which short runs are spared. `fail` is called once where something cannot be
  /// watched or covered.
  void begin(int pidfd, std::function<void(Error)> fail);

 private:
  void watch();
  void await_change();
  Status cover_changed();

  std::vector<const Mount*> mounts_;
  asio::steady_timer delay_;
  asio::posix::stream_descriptor changes_;  // its descriptor is the watcher's
  std::optional<MaskWatcher> watcher_;
  std::optional<SandboxMounts> sandbox_;
  std::function<void(Error)> fail_;
};

}  // namespace srt
