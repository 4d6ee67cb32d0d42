#include "runtime/launch/bwrap_args.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <set>
#include <string_view>
#include <unordered_map>

#include "runtime/base/path_text.h"

namespace srt {
namespace {

// bubblewrap.c: MAX_ARGS, which counts the words behind `--args` too. Its own command line takes
// the few beyond.
constexpr std::size_t kMaxWords = 8990;
// bubblewrap hands each word to mount(2) or the like; longer ones cannot be paths or exec arguments
// (MAX_ARG_STRLEN of include/uapi/linux/binfmts.h).
constexpr std::size_t kMaxWordBytes = 128 * 1024 - 1;

// What tells about the host or its kernel to a root caller's command, and is no use to it.
constexpr std::string_view kHiddenProcFiles[] = {
    "/proc/kcore",    "/proc/keys",       "/proc/timer_list", "/proc/sched_debug",
    "/proc/slabinfo", "/proc/kpagecount", "/proc/kpageflags", "/proc/vmallocinfo"};

bool is_left_out(const Mount& mount) {
  if (mount.path == "/proc" || mount.path == "/dev") return true;
  const bool grants = mount.kind == Mount::Kind::read_write ||
                      mount.kind == Mount::Kind::read_only || mount.kind == Mount::Kind::pin;
  return grants && (is_at_or_beneath(mount.path, "/proc") || is_at_or_beneath(mount.path, "/dev"));
}

/// Appends words; knows which directories of our own it has asked for.
class Renderer {
 public:
  Renderer(const std::vector<const Mount*>& mounts, int first_data_fd)
      : next_data_fd_(first_data_fd), first_data_fd_(first_data_fd) {
    for (const Mount* mount : mounts) kinds_.emplace(mount->path, mount->kind);
  }

  void add(std::initializer_list<std::string> words) {
    args_.words.insert(args_.words.end(), words);
  }

  void add_mount(const Mount& mount) {
    if (mount.path != "/") add_directories_above(mount.path);
    switch (mount.kind) {
      case Mount::Kind::read_write:
      case Mount::Kind::pin:
        add({"--bind", mount.path, mount.path});
        break;
      case Mount::Kind::read_only:
        add({"--ro-bind", mount.path, mount.path});
        break;
      case Mount::Kind::hidden_file:
        add_hidden_file(mount.path);
        break;
      case Mount::Kind::hidden_directory:
        add_tmpfs("0000", mount.path);
        break;
      case Mount::Kind::sealed_directory:
        add_tmpfs(mount.path == "/" ? "0555" : "0111", mount.path);
        break;
    }
  }

  void add_hidden_file(const std::string& path) {
    add({"--perms", "0000", "--ro-bind-data", std::to_string(next_data_fd_++), path});
  }

  /// Closes every tmpfs for writing, now that the mount points in it exist.
  void add_remounts() {
    for (const std::string& path : writable_tmpfs_) add({"--remount-ro", path});
  }

  BwrapArgs take() {
    args_.hidden_files = next_data_fd_ - first_data_fd_;
    return std::move(args_);
  }

 private:
  void add_tmpfs(const char* permissions, const std::string& path) {
    add({"--perms", permissions, "--tmpfs", path});
    writable_tmpfs_.push_back(path);
  }

  /// Between a sealed directory and what is re-opened beneath it there are directories that no
  /// mount names. bubblewrap would make them listable.
  void add_directories_above(const std::string& path) {
    std::vector<std::string> missing;
    std::string directory = parent_of(path);
    while (!kinds_.contains(directory) && !made_.contains(directory) && directory != "/") {
      missing.push_back(directory);
      directory = parent_of(directory);
    }
    const auto nearest = kinds_.find(directory);
    const bool ours = made_.contains(directory) ||
                      (nearest != kinds_.end() && nearest->second == Mount::Kind::sealed_directory);
    if (!ours) return;
    for (auto step = missing.rbegin(); step != missing.rend(); ++step) {
      add({"--perms", "0111", "--dir", *step});
      made_.insert(*step);
    }
  }

  BwrapArgs args_;
  int next_data_fd_;
  int first_data_fd_;
  std::unordered_map<std::string, Mount::Kind> kinds_;
  std::set<std::string> made_ = {"/proc", "/dev"};
  std::vector<std::string> writable_tmpfs_;
};

Status check_limits(const BwrapArgs& args) {
  if (args.words.size() > kMaxWords) {
    return Error{fmt::format("the mount plan needs {} arguments and bubblewrap takes {}",
                             args.words.size(), kMaxWords),
                 "name directories in the policy instead of the many files in them"};
  }
  const auto longest = std::ranges::max_element(args.words, {}, &std::string::size);
  if (longest->size() > kMaxWordBytes) {
    return Error{fmt::format("the mount plan holds a path of {} bytes", longest->size()),
                 "shorten it"};
  }
  return ok();
}

Result<std::vector<std::string>> names_in(const char* path) {
  const auto failed = [&] {
    return Error{fmt::format("cannot list `{}`: {}", path, std::strerror(errno))};
  };
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(path), &closedir);
  if (!directory) return failed();
  for (;;) {
    errno = 0;
    const dirent* entry = readdir(directory.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return failed();
  return names;
}

/// Beside the processes' own directories /proc holds what governs the machine. The second stage
/// leaves the command no capability, but to a root caller its files still belong, so their mode
/// lets it write. Which there are depends on the kernel and its drivers (/proc/mtrr, /proc/acpi),
/// so no list would do. Other callers may write what everybody may: sysctls whose own check counts.
Result<std::vector<std::string>> closed_proc_paths() {
  std::vector<std::string> closed = {"/proc/sys"};
  if (geteuid() != 0) return closed;
  const Result<std::vector<std::string>> names = names_in("/proc");
  if (!names) return names.error();
  for (const std::string& name : *names) {
    if (name == "sys" || (name.front() >= '0' && name.front() <= '9')) continue;
    const std::string path = "/proc/" + name;
    struct stat status;
    if (lstat(path.c_str(), &status) != 0 || S_ISLNK(status.st_mode)) continue;
    const bool writable = (status.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)) != 0;
    if (S_ISDIR(status.st_mode) || writable) closed.push_back(path);
  }
  std::ranges::sort(closed);
  return closed;
}

}  // namespace

Result<HostView> look_at_host() {
  HostView view;
  Result<std::vector<std::string>> closed = closed_proc_paths();
  if (!closed) return closed.error();
  view.closed_proc_paths = *std::move(closed);
  for (const std::string_view file : kHiddenProcFiles) {
    // The command has the caller's user and fewer rights: what is closed to us is closed to it, and
    // every mount costs a launch some time.
    if (access(file.data(), R_OK) == 0) view.hidden_proc_files.emplace_back(file);
  }
  const Result<std::vector<std::string>> names = names_in("/");
  if (!names) return names.error();
  for (const std::string& name : *names) {
    const std::string path = "/" + name;
    char target[PATH_MAX];
    const ssize_t size = readlink(path.c_str(), target, sizeof(target));
    if (size > 0)
      view.root_links.emplace_back(path, std::string(target, static_cast<std::size_t>(size)));
  }
  std::ranges::sort(view.root_links);
  return view;
}

std::vector<const Mount*> effective_mounts(const MountPlan& plan) {
  std::unordered_map<std::string_view, const Mount*> last;
  for (const Mount& mount : plan.mounts) last[mount.path] = &mount;
  std::vector<const Mount*> mounts;
  for (const Mount& mount : plan.mounts) {
    if (last[mount.path] == &mount && !is_left_out(mount)) mounts.push_back(&mount);
  }
  return mounts;
}

Result<BwrapArgs> bwrap_args(const MountPlan& plan, const HostView& host,
                             const std::string& working_directory, int first_data_fd,
                             bool nested_namespaces, bool guarded) {
  const std::vector<const Mount*> mounts = effective_mounts(plan);
  if (mounts.empty() || mounts.front()->path != "/") {
    return Error{"the mount plan does not begin with `/`"};
  }
  Renderer renderer(mounts, first_data_fd);
  renderer.add({"--unshare-user", "--unshare-ipc", "--unshare-uts", "--unshare-pid"});
  renderer.add({"--cap-drop", "ALL"});
  if (guarded) renderer.add({"--cap-add", "CAP_SYS_PTRACE", "--cap-add", "CAP_SETPCAP"});
  renderer.add({"--as-pid-1", "--die-with-parent"});
  if (!nested_namespaces) renderer.add({"--disable-userns"});
  renderer.add_mount(*mounts.front());
  renderer.add({"--proc", "/proc", "--dev", "/dev"});
  // bubblewrap leaves these alone where access(2) says that a directory is not writable, but the
  // files in it are, to a root caller without any capability.
  for (const std::string& path : host.closed_proc_paths) {
    renderer.add({"--ro-bind", path, path});
  }
  for (const std::string& file : host.hidden_proc_files) renderer.add_hidden_file(file);
  if (mounts.front()->kind == Mount::Kind::sealed_directory) {
    for (const auto& [name, target] : host.root_links) {
      renderer.add({"--symlink", target, name});
    }
  }
  for (std::size_t i = 1; i < mounts.size(); ++i) renderer.add_mount(*mounts[i]);
  renderer.add_remounts();
  renderer.add({"--chdir", working_directory});

  BwrapArgs args = renderer.take();
  if (Status status = check_limits(args); !status) return std::move(status).error();
  return args;
}

}  // namespace srt
