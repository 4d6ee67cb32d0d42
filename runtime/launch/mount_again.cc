#include "runtime/launch/mount_again.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/nsfs.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "runtime/base/file.h"
#include "runtime/launch/suspended_clone.h"

namespace srt {
namespace {

// The short-lived child that works inside shares memory with its suspended parent: nothing here
// allocates.
struct MountRequest {
  int user;
  int mounts;
  std::span<const Mount* const> wanted;
  const Mount* failed = nullptr;  // with `error`, or the entry itself failed
  int error = 0;
};

/// Opens a path of the sandbox's view, -1 where there is none without links.
int open_path(const char* path) {
  open_how how = {};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_NO_SYMLINKS;
  return static_cast<int>(syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how)));
}

constexpr std::uint64_t kHidden =
    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

/// An empty directory that nobody can read, as a mount of its own.
int unreadable_directory(std::uint64_t attributes) {
  const UniqueFd context(fsopen("tmpfs", FSOPEN_CLOEXEC));
  if (!context) return -1;
  if (fsconfig(context.get(), FSCONFIG_SET_STRING, "mode", "0000", 0) < 0) return -1;
  if (fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) < 0) return -1;
  return fsmount(context.get(), FSMOUNT_CLOEXEC, static_cast<unsigned>(attributes));
}

int set_attributes(int tree, std::uint64_t attributes) {
  mount_attr set = {};
  set.attr_set = attributes;
  return mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &set, sizeof(set));
}

/// A file that nobody can read, as a mount of its own. Part of a mount becomes one only where that
/// is attached (before Linux 6.15, __do_loopback() of fs/namespace.c), so the directory it lies in
/// is for a moment, in a place where nobody writes.
int unreadable_file() {
  constexpr const char* kPlace = "/proc/fs";
  const UniqueFd directory(unreadable_directory(kHidden & ~std::uint64_t{MOUNT_ATTR_RDONLY}));
  if (!directory) return -1;
  const UniqueFd file(openat(directory.get(), "hidden", O_CREAT | O_RDONLY | O_CLOEXEC, 0));
  if (!file) return -1;
  if (move_mount(directory.get(), "", AT_FDCWD, kPlace, MOVE_MOUNT_F_EMPTY_PATH) < 0) return -1;
  UniqueFd tree(open_tree(directory.get(), "hidden", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
  const int error = errno;
  if (umount2(kPlace, MNT_DETACH) < 0) return -1;
  errno = error;
  if (!tree || set_attributes(tree.get(), kHidden) < 0) return -1;
  return tree.release();
}

/// With what is mounted beneath: the kernel lets nobody look under that.
int clone_mount(int fd) {
  return open_tree(fd, "", AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
}

int tree_for(const Mount& mount, int fd, bool directory) {
  switch (mount.kind) {
    case Mount::Kind::read_write:
    case Mount::Kind::pin:
      return clone_mount(fd);
    case Mount::Kind::read_only: {
      UniqueFd tree(clone_mount(fd));
      constexpr std::uint64_t kReadOnly = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
      if (!tree || set_attributes(tree.get(), kReadOnly) < 0) return -1;
      return tree.release();
    }
    case Mount::Kind::hidden_file:
    case Mount::Kind::hidden_directory:
    case Mount::Kind::sealed_directory:
      break;
  }
  return directory ? unreadable_directory(kHidden) : unreadable_file();
}

int cover(const Mount& mount) {
  const UniqueFd fd(open_path(mount.path.c_str()));
  // Not there, or a link, whose target is judged by its own name.
  if (!fd) return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? 0 : errno;
  struct statx status;
  if (statx(fd.get(), "", AT_EMPTY_PATH, STATX_TYPE, &status) < 0) return errno;
  if ((status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0) return 0;
  const UniqueFd tree(tree_for(mount, fd.get(), S_ISDIR(status.stx_mode)));
  if (!tree) return errno;
  constexpr unsigned kByDescriptors = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
  if (move_mount(tree.get(), "", fd.get(), "", kByDescriptors) == 0) return 0;
  // Nothing can be mounted on what is gone already. What came instead is told in its turn.
  return errno == ENOENT ? 0 : errno;
}

int mount_inside(void* argument) {
  MountRequest& request = *static_cast<MountRequest*>(argument);
  if (setns(request.user, CLONE_NEWUSER) < 0 || setns(request.mounts, CLONE_NEWNS) < 0) {
    request.error = errno;
    _exit(1);
  }
  for (const Mount* mount : request.wanted) {
    request.error = cover(*mount);
    if (request.error == 0) continue;
    request.failed = mount;
    _exit(1);
  }
  _exit(0);
}

}  // namespace

Result<SandboxMounts> SandboxMounts::of(int pidfd) {
  const auto fail = [] {
    return Error{fmt::format("cannot open the sandbox's mounts: {}", std::strerror(errno))};
  };
  constexpr std::string_view kField = "\nPid:";
  const Result<std::string> info = read_file(fmt::format("/proc/self/fdinfo/{}", pidfd), 4096);
  const std::size_t at = info ? info->find(kField) : std::string::npos;
  if (at == std::string::npos) return Error{"`/proc` does not tell of the sandbox's processes"};
  const long pid = std::strtol(info->c_str() + at + kField.size(), nullptr, 10);
  SandboxMounts sandbox;
  sandbox.mounts_.reset(open(fmt::format("/proc/{}/ns/mnt", pid).c_str(), O_RDONLY | O_CLOEXEC));
  if (!sandbox.mounts_) return fail();
  // Not the one that the process is in, which is a child of this (`--disable-userns`).
  sandbox.user_.reset(ioctl(sandbox.mounts_.get(), NS_GET_USERNS));
  if (!sandbox.user_) return fail();
  return sandbox;
}

Status SandboxMounts::mount_again(std::span<const Mount* const> mounts) const {
  MountRequest request = {.user = user_.get(), .mounts = mounts_.get(), .wanted = mounts};
  const int pid = clone_suspended(mount_inside, &request, 0);
  if (pid < 0) request.error = errno;
  if (pid > 0) wait_for_clone(pid);
  if (request.error == 0) return ok();
  const std::string what = request.failed == nullptr
                               ? "cannot enter the sandbox's mounts"
                               : fmt::format(
                                     "`{}` is another object on the host now and cannot be "
                                     "covered again",
                                     request.failed->path);
  return Error{fmt::format("{}: {}", what, std::strerror(request.error)),
               "start the command again"};
}

}  // namespace srt
