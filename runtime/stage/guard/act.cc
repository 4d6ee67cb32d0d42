#include "runtime/stage/guard/act.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/stat.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

namespace srt::guard {

using stage::system_call;
using stage::word;

long look(const Place& place, std::uint16_t& mode, std::uint32_t& device) {
  // With a slash behind it a link would be followed, and by this process's own /proc/self.
  Text<NAME_MAX + 2> name;
  name += first(place.entry(), NAME_MAX + 1);  // of one too long the kernel is to say so
  const int flags = AT_SYMLINK_NOFOLLOW | (name.size() == 0 ? AT_EMPTY_PATH : 0);
  struct statx status = {};
  const long result = system_call(SYS_statx, place.directory.get(), word(name.c_str()), flags,
                                  STATX_TYPE, word(&status));
  mode = status.stx_mode;
  device = status.stx_rdev_major << 8 | status.stx_rdev_minor;
  return result;
}

namespace {

/// may_mknod() of fs/namei.c, which comes before any look at the path.
long check_node_type(std::uint32_t mode) {
  switch (mode & S_IFMT) {
    case 0:
    case S_IFREG:
    case S_IFCHR:
    case S_IFBLK:
    case S_IFIFO:
    case S_IFSOCK:
      return 0;
    case S_IFDIR:
      return -EPERM;
    default:
      return -EINVAL;
  }
}

bool is_symbolic_link(const Descriptor& object) {
  struct statx status = {};
  return system_call(SYS_statx, object.get(), word(""), AT_EMPTY_PATH, STATX_TYPE, word(&status)) ==
             0 &&
         S_ISLNK(status.stx_mode);
}

}  // namespace

Outcome Act::run(const Request& request) {
  using Kind = Request::Kind;
  switch (request.kind) {
    case Kind::open:
      return open(request);
    case Kind::make_directory:
    case Kind::make_node:
    case Kind::make_symlink:
      return Outcome::of(make(request));
    case Kind::make_link:
      return Outcome::of(make_link(request));
    case Kind::rename:
      return Outcome::of(rename(request));
    case Kind::remove:
      return Outcome::of(remove(request));
    case Kind::bind:
      return Outcome::of(bind(request));
    case Kind::set_umask:
    case Kind::unknown:
      break;
  }
  return Outcome::of(-ENOSYS);
}

long Act::locate(int directory, std::uint64_t address, Place& place) {
  PathText path;
  if (const long result = caller_.read_path(address, path); result != 0) return result;
  return locate(directory, path, place);
}

long Act::locate(int directory, const PathText& path, Place& place) {
  if (path.size() == 0) return -ENOENT;
  Descriptor base;
  if (!path.view().starts_with('/')) {
    base = caller_.base(directory);
    if (!base) return base.error();
  }
  return resolve_parent(caller_, std::move(base), path, place);
}

long Act::judge(const Place& place) {
  if (place.is_fixed()) return 0;  // nothing new can have that name
  const Judgement judgement = judge_.entry(place.path.view(), place.entry());
  return judgement.is_denied() ? refuse(place, judgement.rule) : 0;
}

long Act::judge_link(const Place& place) {
  if (place.is_fixed()) return 0;
  const Judgement judgement = judge_.entry(place.path.view(), place.entry());
  return judgement.on_the_way != kNoRule ? refuse(place, judgement.on_the_way) : 0;
}

long Act::refuse(const Place& place, std::uint32_t rule) {
  refusal_.rule = rule;
  refusal_.path.clear();
  if (place.path.view() != "/") refusal_.path += place.path.view();
  refusal_.path += "/";
  refusal_.path += place.entry();
  return -EACCES;
}

long Act::make(const Request& request) {
  Place place;
  PathText text;
  if (request.kind == Request::Kind::make_symlink) {
    if (const long result = caller_.read_path(request.text, text); result != 0) return result;
    if (text.size() == 0) return -ENOENT;
  }
  if (request.kind == Request::Kind::make_node) {
    if (const long result = check_node_type(request.mode); result != 0) return result;
  }
  if (const long result = locate(request.directory, request.path, place); result != 0) {
    return result;
  }
  if (!caller_.is_waiting()) return -EINTR;
  const bool is_link = request.kind == Request::Kind::make_symlink;
  if (const long denied = is_link ? judge_link(place) : judge(place); denied != 0) {
    std::uint16_t mode;
    std::uint32_t device;
    if (look(place, mode, device) != 0) return denied;
    refusal_.rule = kNoRule;
    return -EEXIST;
  }
  const long directory = place.directory.get();
  const long name = word(place.name.c_str());
  switch (request.kind) {
    case Request::Kind::make_directory:
      return system_call(SYS_mkdirat, directory, name, request.mode);
    case Request::Kind::make_node:
      return system_call(SYS_mknodat, directory, name, request.mode, request.device);
    default:
      return system_call(SYS_symlinkat, word(text.c_str()), directory, name);
  }
}

long Act::remove(const Request& request) {
  Place place;
  if (const long result = locate(request.directory, request.path, place); result != 0) {
    return result;
  }
  if (!caller_.is_waiting()) return -EINTR;
  if (const long denied = judge(place); denied != 0) {
    std::uint16_t mode;
    std::uint32_t device;
    const long missing = look(place, mode, device);
    if (missing == 0) return denied;
    refusal_.rule = kNoRule;
    return missing;
  }
  return system_call(SYS_unlinkat, place.directory.get(), word(place.name.c_str()), request.flags);
}

long Act::make_link(const Request& request) {
  constexpr std::uint32_t kKnown = AT_SYMLINK_FOLLOW | AT_EMPTY_PATH;
  if ((request.flags & ~kKnown) != 0) return -EINVAL;
  PathText old_path;
  if (const long result = caller_.read_path(request.path, old_path); result != 0) return result;
  const bool by_descriptor = old_path.size() == 0;
  if (by_descriptor && (request.flags & AT_EMPTY_PATH) == 0) return -ENOENT;
  Descriptor base;
  if (!by_descriptor && !old_path.view().starts_with('/')) {
    base = caller_.base(request.directory);
    if (!base) return base.error();
  }
  // What an object is opened for here gives it the new name by way of /proc.
  Descriptor object;
  Place old_place;
  std::uint16_t mode = 0;
  std::uint32_t device;
  if (by_descriptor) {
    object = caller_.object(request.directory);
    if (!object) return object.error();
  } else if ((request.flags & AT_SYMLINK_FOLLOW) != 0 || old_path.view().ends_with('/')) {
    object = resolve(caller_, base.get(), old_path);
    if (!object) return object.error();
  } else if (const long result = resolve_parent(caller_, std::move(base), old_path, old_place);
             result != 0) {
    return result;
  } else if (const long missing = look(old_place, mode, device); missing != 0) {
    return missing;
  }
  Place place;
  if (const long result = locate(request.new_directory, request.new_path, place); result != 0) {
    return result;
  }
  if (!caller_.is_waiting()) return -EINTR;
  const bool is_link = object ? is_symbolic_link(object) : S_ISLNK(mode);
  if (const long denied = is_link ? judge_link(place) : judge(place); denied != 0) {
    if (look(place, mode, device) != 0) return denied;
    refusal_.rule = kNoRule;
    return -EEXIST;
  }
  if (!object) {
    // A link at a denied name keeps its name, and gets no other one either.
    if (const long denied = judge(old_place); denied != 0) return denied;
    return system_call(SYS_linkat, old_place.directory.get(), word(old_place.name.c_str()),
                       place.directory.get(), word(place.name.c_str()), 0);
  }
  Text<64> link;
  link += "/proc/self/fd/";
  link += static_cast<std::uint32_t>(object.get());
  return system_call(SYS_linkat, AT_FDCWD, word(link.c_str()), place.directory.get(),
                     word(place.name.c_str()), AT_SYMLINK_FOLLOW);
}

}  // namespace srt::guard
