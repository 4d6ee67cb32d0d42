#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "runtime/stage/stage_message.h"

namespace srt::stage {

/// A mount that is not as the plan wants it.
struct MountProblem {
  StageFailure failure;
  std::int32_t error;     ///< an errno, 0 when no call failed
  std::uint32_t subject;  ///< index of the mount
};

/// Looks at every mount point from inside. bwrap follows symbolic links at mount points and so can
/// lose a mount without an error; this is what notices.
std::optional<MountProblem> check_mounts(std::span<const StageMount> mounts);

}  // namespace srt::stage
