#include "runtime/plan/mount_plan.h"

#include <string_view>

namespace srt {
namespace {

bool is_at_or_beneath(std::string_view path, std::string_view directory) {
  return directory == "/" || (path.starts_with(directory) &&
                              (path.size() == directory.size() || path[directory.size()] == '/'));
}

}  // namespace

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
