#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/base/unique_fd.h"
#include "runtime/plan/mount_plan.h"

namespace srt {

/// Tells where the host puts another object in the place of one that a mount covers: a mount is on
/// the object, not on its name, so the new one is bare (an editor's atomic save does this to a
/// file). Directories that the caller cannot read are not watched.
class MaskWatcher {
 public:
  /// Watches from here on. `mounts` are the plan's effective ones, in order, and stay where they
  /// are. Fails where the kernel has no more watches for this user.
  static Result<MaskWatcher> start(std::vector<const Mount*> mounts);

  /// Readable (poll(2)) when replaced() has something to tell.
  int fd() const { return inotify_.get(); }

  /// Those of the mounts that restrict, which alone are told of.
  const std::vector<const Mount*>& mounts() const { return mounts_; }

  /// The mounts at and below the names that other objects may have got since the last call, in the
  /// plan's order; all of them after more changes than the kernel keeps. Does not wait.
  Result<std::vector<const Mount*>> replaced();

 private:
  MaskWatcher() = default;
  Status watch_parent(const Mount& mount);

  UniqueFd inotify_;
  std::vector<const Mount*> mounts_;        // those that restrict
  std::map<int, std::string> directories_;  // by watch
};

}  // namespace srt
