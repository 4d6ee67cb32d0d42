#include "runtime/launch/mask_watcher.h"

#include <fmt/format.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>
#include <string_view>

#include "runtime/base/path_text.h"

namespace srt {
namespace {

// A writable place that is another one now is as the host left it: nothing is lost. /proc and /dev
// are the sandbox's own.
bool restricts(const Mount& mount) {
  return mount.path != "/" && mount.kind != Mount::Kind::read_write &&
         !is_at_or_beneath(mount.path, "/proc") && !is_at_or_beneath(mount.path, "/dev");
}

}  // namespace

Result<MaskWatcher> MaskWatcher::start(std::vector<const Mount*> mounts) {
  MaskWatcher watcher;
  watcher.inotify_.reset(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!watcher.inotify_) {
    return Error{fmt::format("cannot watch what mounts cover: {}", std::strerror(errno)),
                 "raise `sysctl fs.inotify.max_user_instances`"};
  }
  std::erase_if(mounts, [](const Mount* mount) { return !restricts(*mount); });
  watcher.mounts_ = std::move(mounts);
  for (const Mount* mount : watcher.mounts_) {
    if (Status status = watcher.watch_parent(*mount); !status) return std::move(status).error();
  }
  return watcher;
}

Status MaskWatcher::watch_parent(const Mount& mount) {
  std::string directory = parent_of(mount.path);
  const int watch = inotify_add_watch(inotify_.get(), directory.c_str(),
                                      IN_CREATE | IN_MOVED_TO | IN_ONLYDIR | IN_DONT_FOLLOW);
  if (watch >= 0) {
    directories_[watch] = std::move(directory);
    return ok();
  }
  // Not to be read, or gone: whoever makes it anew does so in a directory that may be watched.
  if (errno != ENOSPC && errno != ENOMEM) return ok();
  return Error{fmt::format("cannot watch `{}`: {}", directory, std::strerror(errno)),
               "raise `sysctl fs.inotify.max_user_watches`"};
}

Result<std::vector<const Mount*>> MaskWatcher::replaced() {
  std::set<std::string> names;
  bool all = false;
  alignas(inotify_event) char buffer[4096];
  for (ssize_t size; (size = read(inotify_.get(), buffer, sizeof(buffer))) > 0;) {
    for (ssize_t at = 0; at < size;) {
      const auto& event = *reinterpret_cast<const inotify_event*>(buffer + at);
      at += static_cast<ssize_t>(sizeof(event) + event.len);
      all = all || (event.mask & IN_Q_OVERFLOW) != 0;
      const auto directory = directories_.find(event.wd);
      if (directory == directories_.end() || event.len == 0) continue;
      const std::string& above = directory->second;
      names.insert((above == "/" ? above : above + '/') + event.name);
    }
  }
  std::vector<const Mount*> found;
  for (const Mount* mount : mounts_) {
    bool changed = all;
    for (std::string name = mount->path; !changed && name.size() > 1; name = parent_of(name)) {
      changed = names.contains(name);
    }
    if (!changed) continue;
    found.push_back(mount);
    if (Status status = watch_parent(*mount); !status) return std::move(status).error();
  }
  return found;
}

}  // namespace srt
