#include <fcntl.h>
#include <linux/stat.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "runtime/stage/guard/act.h"

namespace srt::guard {
namespace {

using stage::system_call;
using stage::word;

/// How often a name may come and go between two looks at it. Only other programs do that, and the
/// caller's other threads by unlink(2).
constexpr int kMaxRaces = 100;

constexpr std::uint32_t kTtyDevice = 5 << 8;  // /dev/tty: the opener's controlling terminal
constexpr std::uint32_t kFirstPtsMajor = 136;

Outcome take(long fd, std::uint32_t flags) {
  if (fd < 0) return Outcome::of(fd);
  Outcome outcome;
  outcome.opened = Descriptor(fd);
  outcome.flags = flags;
  return outcome;
}

/// What this process opens with: a terminal must not become its own.
std::uint32_t own_flags(std::uint32_t flags) { return flags | O_CLOEXEC | O_NOCTTY; }

/// Whether a fifo that is opened with these flags has to have another end first.
bool waits_for_other_end(std::uint32_t flags) {
  return (flags & O_NONBLOCK) == 0 && (flags & O_ACCMODE) != O_RDWR;
}

}  // namespace

/// The kernel follows a link at the end of a path that it creates, and so every step is a place
/// that is judged.
Outcome Act::open(const Request& request) {
  const std::uint32_t flags = request.flags;
  // The kernel looks at the flags first (build_open_flags() of fs/open.c).
  const auto failing = [&](long result) {
    const long flaw = system_call(SYS_openat, AT_FDCWD, 0, own_flags(flags), request.mode);
    return Outcome::of(flaw == -EINVAL ? flaw : result);
  };
  Place place;
  if (const long result = locate(request.directory, request.path, place); result != 0) {
    return failing(result);
  }
  int races = 0;
  for (int links = 0; links <= kMaxLinks;) {
    if (!caller_.is_waiting()) return Outcome::of(-EINTR);
    // Never looked at (open_last_lookups() of fs/namei.c), nor to be: the slash would follow a link
    // by this process's own /proc/self.
    if (!place.is_fixed() && place.name.view().ends_with('/')) return failing(-EISDIR);
    if (refusal_.rule == kNoRule) judge(place);
    const bool denied = refusal_.rule != kNoRule;
    if (!denied) {
      const std::uint32_t exclusive = own_flags(flags) | O_CREAT | O_EXCL;
      const long fd = system_call(SYS_openat, place.directory.get(), word(place.name.c_str()),
                                  exclusive, request.mode);
      if (fd != -EEXIST || (flags & O_EXCL) != 0) return take(fd, flags);
    }
    std::uint16_t mode;
    std::uint32_t device;
    if (const long result = look(place, mode, device); result != 0) {
      if (denied) return Outcome::of(result == -ENOENT ? -EACCES : result);
      if (result == -ENOENT && ++races < kMaxRaces) continue;
      return Outcome::of(result);
    }
    if (!S_ISLNK(mode)) {
      if ((flags & O_EXCL) != 0) {
        refusal_.rule = kNoRule;
        return Outcome::of(-EEXIST);
      }
      if (S_ISFIFO(mode) && waits_for_other_end(flags)) {
        return open_object(
            Descriptor(system_call(SYS_openat, place.directory.get(), word(place.name.c_str()),
                                   O_PATH | O_NOFOLLOW | O_CLOEXEC)),
            flags);
      }
      if (S_ISCHR(mode) && device == kTtyDevice &&
          system_call(SYS_getsid, caller_.thread()) != system_call(SYS_getsid, 0)) {
        refusal_.rule = kNoRule;
        const std::uint32_t terminal = caller_.terminal();
        if (terminal >> 8 != kFirstPtsMajor) return Outcome::of(-ENXIO);
        Text<64> name;
        name += "/dev/pts/";
        name += terminal & 0xff;
        return take(system_call(SYS_openat, AT_FDCWD, word(name.c_str()),
                                own_flags(flags) & ~std::uint32_t{O_CREAT}, 0),
                    flags);
      }
      return open_existing(place, request, flags);
    }
    if ((flags & O_EXCL) != 0) {
      refusal_.rule = kNoRule;
      return Outcome::of(-EEXIST);
    }
    if ((flags & O_NOFOLLOW) != 0) {
      refusal_.rule = kNoRule;
      return Outcome::of(-ELOOP);
    }
    ++links;
    PathText target;
    if (place.in_proc) {
      // One of a process's: it leads to an object, and the walker knows whose.
      PathText here;
      here += place.name.view();
      Descriptor object = resolve(caller_, place.directory.get(), here);
      if (!object) return Outcome::of(object.error());
      return open_object(std::move(object), flags);
    }
    if (const long result = read_link(place.directory.get(), place.name.c_str(), target);
        result != 0) {
      return Outcome::of(result);
    }
    if (target.size() == 0) return Outcome::of(-ENOENT);
    Place next;
    if (const long result = resolve_parent(caller_, std::move(place.directory), target, next);
        result != 0) {
      return Outcome::of(result);
    }
    place = std::move(next);
  }
  refusal_.rule = kNoRule;
  return Outcome::of(-ELOOP);
}

/// Opens what is no link, and no fifo that could take time. Nothing but another program on the host
/// can put one there now.
Outcome Act::open_existing(const Place& place, const Request& request, std::uint32_t flags) {
  const bool denied = refusal_.rule != kNoRule;
  if (place.in_proc && place.entry() == "mem") return Outcome::of(-EACCES);
  // A denied name is opened if it is there, as far as the mounts let it be, and not made.
  const std::uint32_t creates = denied ? 0 : O_CREAT;
  const std::uint32_t how = (own_flags(flags) & ~std::uint32_t{O_CREAT}) | creates;
  const long fd =
      system_call(SYS_openat, place.directory.get(), word(place.name.c_str()), how, request.mode);
  if (fd == -ENOENT && denied) return Outcome::of(-EACCES);
  refusal_.rule = kNoRule;
  return take(fd, flags);
}

/// Opens once more what is open with O_PATH.
Outcome Act::open_object(Descriptor object, std::uint32_t flags) {
  refusal_.rule = kNoRule;  // it is there
  if (!object) return Outcome::of(object.error());
  struct statx status = {};
  if (const long result =
          system_call(SYS_statx, object.get(), word(""), AT_EMPTY_PATH, STATX_TYPE, word(&status));
      result != 0) {
    return Outcome::of(result);
  }
  const std::uint32_t how = own_flags(flags) & ~std::uint32_t{O_CREAT | O_EXCL | O_NOFOLLOW};
  if (S_ISDIR(status.stx_mode)) return Outcome::of(-EISDIR);
  if (S_ISFIFO(status.stx_mode) && waits_for_other_end(flags)) {
    Outcome outcome;
    outcome.waits_on = std::move(object);
    outcome.flags = how;
    return outcome;
  }
  Text<64> link;
  link += "/proc/self/fd/";
  link += static_cast<std::uint32_t>(object.get());
  return take(system_call(SYS_openat, AT_FDCWD, word(link.c_str()), how, 0), flags);
}

}  // namespace srt::guard
