#pragma once

#include <fcntl.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

#include <cstdint>

namespace srt::guard {

/// A system call that is judged, whatever its spelling: the older calls are those with `at` from
/// the working directory. Paths are addresses in the caller's memory.
struct Request {
  enum class Kind {
    unknown,
    open,
    make_directory,
    make_node,
    make_symlink,
    make_link,
    rename,
    remove,
    bind,
    set_umask,
  };

  Kind kind = Kind::unknown;
  int directory = AT_FDCWD;      ///< of the only name, or of the old one
  std::uint64_t path = 0;        ///< likewise; of `bind` the address, of `make_symlink` the link
  int new_directory = AT_FDCWD;  ///< of `make_link` and `rename`
  std::uint64_t new_path = 0;
  std::uint64_t text = 0;   ///< what a symbolic link holds
  std::uint32_t flags = 0;  ///< of `open`, `make_link`, `rename`, `remove`; of `bind` the length
  std::uint32_t mode = 0;
  std::uint32_t device = 0;
  int socket = -1;
};

/// The call that `data` stands for.
inline Request read_request(const seccomp_data& data) {
  using Kind = Request::Kind;
  const auto number = [&](int i) { return static_cast<int>(data.args[i]); };
  const auto bits = [&](int i) { return static_cast<std::uint32_t>(data.args[i]); };
  const auto& args = data.args;
  switch (data.nr) {
    case SYS_openat:
      return {.kind = Kind::open,
              .directory = number(0),
              .path = args[1],
              .flags = bits(2),
              .mode = bits(3)};
    case SYS_mkdirat:
      return {
          .kind = Kind::make_directory, .directory = number(0), .path = args[1], .mode = bits(2)};
    case SYS_mknodat:
      return {.kind = Kind::make_node,
              .directory = number(0),
              .path = args[1],
              .mode = bits(2),
              .device = bits(3)};
    case SYS_symlinkat:
      return {.kind = Kind::make_symlink, .directory = number(1), .path = args[2], .text = args[0]};
    case SYS_linkat:
      return {.kind = Kind::make_link,
              .directory = number(0),
              .path = args[1],
              .new_directory = number(2),
              .new_path = args[3],
              .flags = bits(4)};
    case SYS_renameat2:
      return {.kind = Kind::rename,
              .directory = number(0),
              .path = args[1],
              .new_directory = number(2),
              .new_path = args[3],
              .flags = bits(4)};
#ifdef SYS_renameat
    case SYS_renameat:
      return {.kind = Kind::rename,
              .directory = number(0),
              .path = args[1],
              .new_directory = number(2),
              .new_path = args[3]};
#endif
    case SYS_unlinkat:
      return {.kind = Kind::remove, .directory = number(0), .path = args[1], .flags = bits(2)};
    case SYS_bind:
      return {.kind = Kind::bind, .path = args[1], .flags = bits(2), .socket = number(0)};
    case SYS_umask:
      return {.kind = Kind::set_umask, .mode = bits(0)};
      // Architectures after x86_64 were born without these.
#ifdef SYS_open
    case SYS_open:
      return {.kind = Kind::open, .path = args[0], .flags = bits(1), .mode = bits(2)};
    case SYS_creat:
      return {.kind = Kind::open,
              .path = args[0],
              .flags = O_CREAT | O_WRONLY | O_TRUNC,
              .mode = bits(1)};
    case SYS_mkdir:
      return {.kind = Kind::make_directory, .path = args[0], .mode = bits(1)};
    case SYS_mknod:
      return {.kind = Kind::make_node, .path = args[0], .mode = bits(1), .device = bits(2)};
    case SYS_symlink:
      return {.kind = Kind::make_symlink, .path = args[1], .text = args[0]};
    case SYS_link:
      return {.kind = Kind::make_link, .path = args[0], .new_path = args[1]};
    case SYS_rename:
      return {.kind = Kind::rename, .path = args[0], .new_path = args[1]};
    case SYS_unlink:
      return {.kind = Kind::remove, .path = args[0]};
#endif
    default:
      return {};
  }
}

}  // namespace srt::guard
