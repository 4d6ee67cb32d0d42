#include "runtime/plan/mount_plan.h"

#include <string_view>

#include "runtime/base/path_text.h"

namespace srt {
const Mount* mount_over(const MountPlan& plan, std::string_view path) {
  const Mount* nearest = nullptr;
  for (const Mount& mount : plan.mounts) {
    if (!is_at_or_beneath(path, mount.path)) continue;
    if (nearest == nullptr || mount.path.size() >= nearest->path.size()) nearest = &mount;
  }
  return nearest;
}

bool lets_write(const MountPlan& plan, const std::string& path) {
  if (is_at_or_beneath(path, "/proc") || is_at_or_beneath(path, "/dev")) return false;
  const Mount* nearest = mount_over(plan, path);
  return nearest != nullptr &&
         (nearest->kind == Mount::Kind::read_write || nearest->kind == Mount::Kind::pin);
}

}  // namespace srt
