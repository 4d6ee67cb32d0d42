#pragma once

#include <string>
#include <vector>

#include "runtime/bundle/bundle.h"
#include "runtime/plan/mount_plan.h"

namespace srt {

/// The mounts that make this machine's file system look as the bundle's path rules say, one for
/// each object at which access changes, and pins for the directories above those that the command
/// could otherwise rename away. `anchors` are the values of the bundle's anchors; `can_guard` is
/// whether names can be guarded here, which the notes are about. An error when the command could
/// not stand in `working_directory`, an absolute path.
Result<MountPlan> make_mount_plan(const Bundle& bundle, const std::vector<std::string>& anchors,
                                  const std::string& working_directory, bool can_guard = true);

}  // namespace srt
