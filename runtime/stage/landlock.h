#pragma once

#include <cstdint>
#include <optional>

#include "runtime/stage/mount_check.h"
#include "runtime/stage/stage_message.h"

namespace srt::stage {

/// A ruleset that allows what the mounts' flags say and what descriptors 0 to 2 are, and keeps
/// signals and abstract sockets within; as much of it as the kernel has. Where no flag allows
/// anything, files are left alone. Returns its descriptor, closed on exec; -1 where the kernel has
/// no Landlock; or sets `problem`.
long make_ruleset(std::span<const StageMount> mounts, std::optional<MountProblem>& problem);

}  // namespace srt::stage
