#pragma once

#include <span>

#include "runtime/base/result.h"
#include "runtime/base/unique_fd.h"
#include "runtime/plan/mount_plan.h"

namespace srt {

/// The mount namespace of a running sandbox and the user namespace that owns it.
class SandboxMounts {
 public:
  /// Of the process of `pidfd`, which runs inside.
  static Result<SandboxMounts> of(int pidfd);

  /// Puts each of `mounts`, in order, on what its path names now, where that is no mount point and
  /// is there at all. An error names what could not be covered.
  Status mount_again(std::span<const Mount* const> mounts) const;

 private:
  UniqueFd user_;
  UniqueFd mounts_;
};

}  // namespace srt
