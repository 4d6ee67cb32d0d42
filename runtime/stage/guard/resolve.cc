#include "runtime/stage/guard/resolve.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include <cerrno>
#include <utility>

#include "runtime/base/path_text.h"

namespace srt::guard {
namespace {

using stage::system_call;
using stage::word;

long open_path(int directory, const char* name, int flags) {
  return system_call(SYS_openat, directory, word(name), O_PATH | O_CLOEXEC | flags);
}

bool is_in_proc(int fd) {
  struct statfs status;
  return system_call(SYS_fstatfs, fd, word(&status)) == 0 && status.f_type == PROC_SUPER_MAGIC;
}

/// The canonical path of an O_PATH descriptor; 0 or -errno.
long canonical_path(const Caller& caller, int fd, PathText& path) {
  Text<16> link;
  link += static_cast<std::uint32_t>(fd);
  if (const long result = read_link(caller.own_descriptors(), link.c_str(), path); result != 0) {
    return result;
  }
  return path.view().starts_with('/') ? 0 : -EACCES;
}

/// Whether `path` lies in the sandbox's own /proc. Another one shows this process under another
/// number.
bool is_in_own_proc(std::string_view path) { return is_at_or_beneath(path, "/proc"); }

/// Whether `path` is a process's directory in /proc, or lies in one.
bool is_of_process(std::string_view path) {
  constexpr std::string_view kProc = "/proc/";
  return path.size() > kProc.size() && path.starts_with(kProc) && path[kProc.size()] >= '0' &&
         path[kProc.size()] <= '9';
}

/// Whether it is that of this process, which the command has no business in.
bool is_own(std::string_view path) { return is_at_or_beneath(path, "/proc/1"); }

/// Resolves a path component by component. The kernel does it faster, but for this process.
class Walker {
 public:
  Walker(const Caller& caller, int base) : caller_(caller), base_(base) {}

  Descriptor run(const PathText& path) {
    rest_ += path.view();
    if (rest_.size() == 0) return Descriptor(-ENOENT);
    if (!path.view().starts_with('/')) {
      at_ = Descriptor(system_call(SYS_fcntl, base_, F_DUPFD_CLOEXEC, 0));
    }
    while (rest_.size() > 0) {
      if (const long result = take_component(); result != 0) return Descriptor(result);
    }
    return at_ ? std::move(at_) : Descriptor(open_path(AT_FDCWD, "/", O_DIRECTORY));
  }

 private:
  long take_component() {
    if (rest_.view().front() == '/') {
      std::size_t slashes = 1;
      while (slashes < rest_.size() && rest_.view()[slashes] == '/') ++slashes;
      drop(slashes);
      if (!at_) at_ = Descriptor(open_path(AT_FDCWD, "/", O_DIRECTORY));
      return rest_.size() == 0 ? require_directory() : 0;
    }
    const std::string_view component = first(rest_.view(), rest_.view().find('/'));
    // Of one too long the kernel is to say so: it may have more to say of the directory.
    Text<NAME_MAX + 2> name;
    name += first(component, NAME_MAX + 1);
    drop(component.size());
    Descriptor next(open_path(at_.get(), name.c_str(), O_NOFOLLOW));
    struct statx status = {};
    const bool in_proc = is_in_proc(at_.get());
    if (in_proc && (name.view() == "self" || name.view() == "thread-self")) {
      return enter_self(name.view());
    }
    if (!next) return next.error();
    if (const long result =
            system_call(SYS_statx, next.get(), word(""), AT_EMPTY_PATH, STATX_TYPE, word(&status));
        result != 0) {
      return result;
    }
    if (!S_ISLNK(status.stx_mode)) {
      at_ = std::move(next);
      return 0;
    }
    if (++links_ > kMaxLinks) return -ELOOP;
    if (in_proc) {
      PathText here;
      if (const long result = canonical_path(caller_, at_.get(), here); result != 0) return result;
      if (!is_in_own_proc(here.view()) || is_own(here.view())) return -EACCES;
      if (is_of_process(here.view())) {
        at_ = Descriptor(open_magic(here.view(), name.c_str()));
        return at_ ? 0 : at_.error();
      }
    }
    PathText target;
    if (const long result = read_link(next.get(), "", target); result != 0) return result;
    return go_on_with(target.view());
  }

  /// In the root of a /proc the links to the process itself mean the caller.
  long enter_self(std::string_view name) {
    if (++links_ > kMaxLinks) return -ELOOP;
    Text<64> target;
    target += caller_.thread();
    if (name == "thread-self") {
      target += "/task/";
      target += caller_.thread();
    }
    return go_on_with(target.view());
  }

  long go_on_with(std::string_view target) {
    PathText rest;
    rest += target;
    rest += rest_.view();
    if (rest.is_bad()) return -ENAMETOOLONG;
    if (target.starts_with('/')) at_ = Descriptor();
    rest_ = rest;
    return 0;
  }

  /// Follows a link that leads to an object and not along a path.
  long open_magic(std::string_view directory, const char* name) {
    Text<64> own;
    own += "/proc/";
    own += caller_.thread();
    const long result = open_path(at_.get(), name, 0);
    if (result != -EACCES && result != -EPERM) return result;
    if (!directory.starts_with(own.view())) return result;
    const Insight insight;
    return open_path(at_.get(), name, 0);
  }

  long require_directory() {
    struct statx status = {};
    const long result =
        system_call(SYS_statx, at_.get(), word(""), AT_EMPTY_PATH, STATX_TYPE, word(&status));
    if (result != 0) return result;
    return S_ISDIR(status.stx_mode) ? 0 : -ENOTDIR;
  }

  void drop(std::size_t size) {
    PathText rest;
    rest += behind(rest_.view(), size);
    rest_ = rest;
  }

  const Caller& caller_;
  int base_;
  Descriptor at_;  // none: the root directory, for a path that starts with a slash
  PathText rest_;
  int links_ = 0;
};

/// What stands before the last component, with the slash.
std::string_view directory_of(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  return first(path, path.rfind('/') + 1);
}

/// Opens the directory that `prefix` leads to. Where the kernel finds none, or one in /proc, its
/// way may have gone by this process's own /proc/self, and the walker tells what the caller's is.
Descriptor open_directory(const Caller& caller, int base, const PathText& prefix, bool& in_proc) {
  const open_how how = {
      .flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .mode = 0, .resolve = RESOLVE_NO_MAGICLINKS};
  Descriptor found(system_call(SYS_openat2, base, word(prefix.c_str()), word(&how), sizeof(how)));
  in_proc = found && is_in_proc(found.get());
  if (found && !in_proc) return found;
  found = Walker(caller, base).run(prefix);
  in_proc = found && is_in_proc(found.get());
  return found;
}

}  // namespace

std::string_view Place::entry() const {
  std::string_view entry = name.view();
  while (entry.ends_with('/')) entry.remove_suffix(1);
  return entry;
}

bool Place::is_fixed() const {
  const std::string_view last = entry();
  return last.empty() || last == "." || last == "..";
}

long read_link(int directory, const char* name, PathText& text) {
  text.clear();
  const long size = system_call(SYS_readlinkat, directory, word(name), word(text.data()),
                                static_cast<long>(PathText::room()));
  if (size < 0) return size;
  if (size == static_cast<long>(PathText::room())) return -ENAMETOOLONG;
  text.set_size(static_cast<std::size_t>(size));
  return 0;
}

long resolve_parent(const Caller& caller, Descriptor base, const PathText& path, Place& place) {
  place.path.clear();
  place.name.clear();
  place.in_proc = false;
  const std::string_view prefix = directory_of(path.view());
  place.name += last_of(path);
  if (prefix.empty()) {
    place.directory =
        path.view().starts_with('/') ? Descriptor(open_path(AT_FDCWD, "/", 0)) : std::move(base);
    place.in_proc = place.directory && is_in_proc(place.directory.get());
  } else {
    PathText directory;
    directory += prefix;
    place.directory = open_directory(caller, base.get(), directory, place.in_proc);
  }
  if (!place.directory) return place.directory.error();
  if (const long result = canonical_path(caller, place.directory.get(), place.path); result != 0) {
    return result;
  }
  if (place.in_proc && (!is_in_own_proc(place.path.view()) || is_own(place.path.view()))) {
    return -EACCES;
  }
  return 0;
}

std::string_view last_of(const PathText& path) {
  return behind(path.view(), directory_of(path.view()).size());
}

bool is_same_directory(const PathText& a, const PathText& b) {
  return a.view().starts_with('/') == b.view().starts_with('/') &&
         directory_of(a.view()) == directory_of(b.view());
}

Descriptor resolve(const Caller& caller, int base, const PathText& path) {
  return Walker(caller, base).run(path);
}

}  // namespace srt::guard
