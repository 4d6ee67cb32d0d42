#include <fcntl.h>
#include <linux/fs.h>
#include <linux/stat.h>
#include <sys/stat.h>

#include <cerrno>

#include "runtime/stage/guard/act.h"

namespace srt::guard {
namespace {

using stage::system_call;
using stage::word;

/// Deeper trees cannot be looked through on this process's stack, and are not moved to where a rule
/// could deny something in them.
constexpr int kMaxDepth = 256;

/// struct linux_dirent64.
struct Entry {
  std::uint64_t inode;
  std::int64_t offset;
  unsigned short size;
  unsigned char type;
  char name[1];  // and what follows, to the end mark
};
constexpr unsigned char kUnknown = 0;    // DT_UNKNOWN
constexpr unsigned char kDirectory = 4;  // DT_DIR
constexpr unsigned char kLink = 10;      // DT_LNK

bool is_on_one_mount(const Place& a, const Place& b) {
  struct statx first = {};
  struct statx second = {};
  const auto ask = [](const Place& place, struct statx& status) {
    return system_call(SYS_statx, place.directory.get(), word(""), AT_EMPTY_PATH, STATX_MNT_ID,
                       word(&status)) == 0 &&
           (status.stx_mask & STATX_MNT_ID) != 0;
  };
  return !ask(a, first) || !ask(b, second) || first.stx_mnt_id == second.stx_mnt_id;
}

/// Looks through a directory that is to be moved, whose names are judged as they are and as they
/// would be.
class Tree {
 public:
  Tree(Judge& judge, Refusal& refusal) : judge_(judge), refusal_(refusal) {}

  /// Appends `place` as the last component.
  static void extend(PathText& path, std::string_view name) {
    if (path.view() != "/") path += "/";
    path += name;
  }

  long look_through(int parent, const char* name, PathText& from, PathText& to, int depth) {
    // Nobody can say what a directory holds that cannot be listed.
    if (depth > kMaxDepth || from.is_bad() || to.is_bad()) return -EACCES;
    const Descriptor directory(system_call(SYS_openat, parent, word(name),
                                           O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!directory) return directory.error() == -ENOENT ? 0 : directory.error();
    alignas(Entry) char buffer[1024];
    for (;;) {
      const long size = system_call(SYS_getdents64, directory.get(), word(buffer), sizeof(buffer));
      if (size <= 0) return size;
      for (long at = 0; at < size;) {
        const auto& entry = *reinterpret_cast<const Entry*>(buffer + at);
        at += entry.size;
        const std::string_view child = entry.name;
        if (child == "." || child == "..") continue;
        if (const long result = judge_entry(directory.get(), entry, from, to, depth); result != 0) {
          return result;
        }
      }
    }
  }

 private:
  long judge_entry(int directory, const Entry& entry, PathText& from, PathText& to, int depth) {
    const std::string_view name = entry.name;
    const Judgement before = judge_.entry(from.view(), name);
    const Judgement after = judge_.entry(to.view(), name);
    const bool link_leads = after.on_the_way != kNoRule && is_link(directory, entry);
    if (link_leads) {
      refusal_.rule = after.on_the_way;
      refusal_.path = to;
      extend(refusal_.path, name);
      return -EACCES;
    }
    if (before.is_denied() || after.is_denied()) {
      refusal_.rule = after.is_denied() ? after.rule : before.rule;
      refusal_.path = after.is_denied() ? to : from;
      extend(refusal_.path, name);
      return -EACCES;
    }
    if (!before.may_deny_beneath && !after.may_deny_beneath) return 0;
    if (entry.type != kDirectory && entry.type != kUnknown) return 0;
    if (entry.type == kUnknown && type_of(directory, entry.name) != S_IFDIR) return 0;
    const std::size_t from_size = from.size();
    const std::size_t to_size = to.size();
    extend(from, name);
    extend(to, name);
    const long result = look_through(directory, entry.name, from, to, depth + 1);
    from.cut(from_size);
    to.cut(to_size);
    return result;
  }

  static std::uint32_t type_of(int directory, const char* name) {
    struct statx status = {};
    const long result = system_call(SYS_statx, directory, word(name), AT_SYMLINK_NOFOLLOW,
                                    STATX_TYPE, word(&status));
    return result == 0 ? status.stx_mode & S_IFMT : 0;
  }

  static bool is_link(int directory, const Entry& entry) {
    return entry.type == kLink ||
           (entry.type == kUnknown && type_of(directory, entry.name) == S_IFLNK);
  }

  Judge& judge_;
  Refusal& refusal_;
};

}  // namespace

long Act::judge_tree(const Place& from, const Place& to) {
  const Judgement before = judge_.entry(from.path.view(), from.entry());
  const Judgement after = judge_.entry(to.path.view(), to.entry());
  if (!before.may_deny_beneath && !after.may_deny_beneath) return 0;
  if (!is_on_one_mount(from, to)) return 0;  // nothing moves there (EXDEV)
  PathText from_path = from.path;
  PathText to_path = to.path;
  Tree::extend(from_path, from.entry());
  Tree::extend(to_path, to.entry());
  Text<NAME_MAX + 1> name;
  name += from.entry();
  if (name.is_bad()) return 0;  // the kernel will say so
  return Tree(judge_, refusal_)
      .look_through(from.directory.get(), name.c_str(), from_path, to_path, 0);
}

long Act::rename(const Request& request) {
  constexpr std::uint32_t kKnown = RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT;
  const bool exchange = (request.flags & RENAME_EXCHANGE) != 0;
  if ((request.flags & ~kKnown) != 0) return -EINVAL;
  if (exchange && request.flags != RENAME_EXCHANGE) return -EINVAL;
  Place from;
  Place to;
  PathText from_path;
  PathText to_path;
  if (const long result = caller_.read_path(request.path, from_path); result != 0) return result;
  if (const long result = caller_.read_path(request.new_path, to_path); result != 0) return result;
  if (const long result = locate(request.directory, from_path, from); result != 0) return result;
  // Most are in one directory.
  if (request.directory == request.new_directory && from.name.size() > 0 && to_path.size() > 0 &&
      is_same_directory(from_path, to_path)) {
    to.directory = Descriptor(system_call(SYS_fcntl, from.directory.get(), F_DUPFD_CLOEXEC, 0));
    if (!to.directory) return to.directory.error();
    to.path = from.path;
    to.in_proc = from.in_proc;
    to.name += last_of(to_path);
  } else if (const long result = locate(request.new_directory, to_path, to); result != 0) {
    return result;
  }
  if (!caller_.is_waiting()) return -EINTR;
  std::uint16_t from_mode = 0;
  std::uint16_t to_mode = 0;
  std::uint32_t device;
  // What is not there the kernel does not move, and knows best why not.
  const bool moves = !from.is_fixed() && !to.is_fixed() && look(from, from_mode, device) == 0 &&
                     (!exchange || look(to, to_mode, device) == 0);
  if (moves) {
    if (const long denied = S_ISLNK(from_mode) ? judge_link(to) : judge(to); denied != 0) {
      return denied;
    }
    if (const long denied = S_ISLNK(to_mode) ? judge_link(from) : judge(from); denied != 0) {
      return denied;
    }
    if (S_ISDIR(from_mode)) {
      if (const long denied = judge_tree(from, to); denied != 0) return denied;
    }
    if (S_ISDIR(to_mode)) {
      if (const long denied = judge_tree(to, from); denied != 0) return denied;
    }
  }
  return system_call(SYS_renameat2, from.directory.get(), word(from.name.c_str()),
                     to.directory.get(), word(to.name.c_str()), request.flags);
}

}  // namespace srt::guard
