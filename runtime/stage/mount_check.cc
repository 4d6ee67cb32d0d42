#include "runtime/stage/mount_check.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include <cerrno>

#include "runtime/stage/system_call.h"

namespace srt::stage {
namespace {

long open_without_links(const char* path, std::uint64_t flags) {
  const open_how how = {.flags = flags | O_CLOEXEC, .mode = 0, .resolve = RESOLVE_NO_SYMLINKS};
  return system_call(SYS_openat2, AT_FDCWD, word(path), word(&how), sizeof(how));
}

bool is_mount_root(long fd) {
  struct statx status;
  return system_call(SYS_statx, fd, word(""), AT_EMPTY_PATH, 0, word(&status)) == 0 &&
         (status.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0 &&
         (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

bool is_read_only(long fd) {
  struct statfs status;
  return system_call(SYS_fstatfs, fd, word(&status)) == 0 && (status.f_flags & ST_RDONLY) != 0;
}

}  // namespace

std::optional<MountProblem> check_mounts(std::span<const StageMount> mounts) {
  for (std::uint32_t i = 0; i < mounts.size(); ++i) {
    const StageMount& mount = mounts[i];
    if ((mount.flags & StageMount::kNoMount) != 0) continue;
    const long fd = open_without_links(mount.path, O_PATH);
    if (fd < 0) return MountProblem{StageFailure::mount_missing, static_cast<int>(-fd), i};
    const bool mounted = is_mount_root(fd);
    const bool read_only = is_read_only(fd);
    system_call(SYS_close, fd);
    if (!mounted) return MountProblem{StageFailure::mount_missing, 0, i};
    if ((mount.flags & StageMount::kReadOnly) != 0 && !read_only) {
      return MountProblem{StageFailure::mount_writable, 0, i};
    }
    if ((mount.flags & StageMount::kUnreadable) != 0 &&
        open_without_links(mount.path, O_RDONLY | O_NONBLOCK | O_NOCTTY) != -EACCES) {
      return MountProblem{StageFailure::mount_readable, 0, i};
    }
  }
  return std::nullopt;
}

}  // namespace srt::stage
