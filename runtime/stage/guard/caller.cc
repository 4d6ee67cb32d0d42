#include "runtime/stage/guard/caller.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/uio.h>

#include <cerrno>

namespace srt::guard {
namespace {

using stage::system_call;
using stage::word;

constexpr std::uint64_t kPageSize = 4096;  // or a multiple of it: reads stop at more places then

constexpr std::uint64_t kFewBytes = 256;  // that most paths fit in

long set_capabilities(std::uint32_t effective, std::uint32_t permitted) {
  __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  const __user_cap_data_struct data[2] = {
      {.effective = effective, .permitted = permitted, .inheritable = 0}, {}};
  return system_call(SYS_capset, word(&header), word(data));
}

constexpr std::uint32_t kPtrace = 1U << CAP_SYS_PTRACE;

/// Calls `look`, and once more with CAP_SYS_PTRACE where the caller is not for everybody to see.
template <typename Look>
long with_insight(Look look) {
  const long result = look();
  if (result != -EPERM && result != -EACCES) return result;
  const Insight insight;
  return look();
}

Text<64> place(std::uint32_t thread, std::string_view name) {
  Text<64> path;
  path += "/proc/";
  path += thread;
  path += "/";
  path += name;
  return path;
}

/// Reads a file of the caller's in /proc; how much, or -errno.
template <std::size_t N>
long read_file(std::uint32_t thread, std::string_view name, char (&to)[N]) {
  const Text<64> path = place(thread, name);
  const Descriptor file(with_insight(
      [&] { return system_call(SYS_openat, AT_FDCWD, word(path.c_str()), O_RDONLY | O_CLOEXEC); }));
  if (!file) return file.error();
  return system_call(SYS_read, file.get(), word(to), N);
}

/// The number behind `name` in the caller's status, or -errno.
long status_number(std::uint32_t thread, std::string_view name, int base) {
  char text[512];
  const long size = read_file(thread, "status", text);
  if (size < 0) return size;
  const std::string_view status(text, static_cast<std::size_t>(size));
  const std::size_t at = status.find(name);
  if (at == std::string_view::npos) return -EACCES;
  long number = 0;
  for (const char digit : behind(status, at + name.size())) {
    if (digit < '0' || digit >= '0' + base) break;
    number = number * base + (digit - '0');
  }
  return number;
}

}  // namespace

Insight::Insight() { set_capabilities(kPtrace, kPtrace); }
Insight::~Insight() { set_capabilities(0, kPtrace); }

long hide_insight() {
  // From the bounding set nothing comes back to what is executed.
  for (const long capability : {CAP_SYS_PTRACE, CAP_SETPCAP}) {
    if (const long result = system_call(SYS_prctl, PR_CAPBSET_DROP, capability, 0, 0, 0);
        result != 0) {
      return result;
    }
  }
  system_call(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  return set_capabilities(0, kPtrace);
}

long give_up_insight() { return set_capabilities(0, 0); }

bool Caller::is_waiting() const {
  return system_call(SYS_ioctl, listener_, static_cast<long>(SECCOMP_IOCTL_NOTIF_ID_VALID),
                     word(&notification_)) == 0;
}

long Caller::read_path(std::uint64_t address, PathText& path) const {
  path.clear();
  // Where the string ends is not known, and what follows it may not be there.
  const std::uint64_t here = kPageSize - address % kPageSize;
  if (const std::uint64_t few = here < kFewBytes ? here : kFewBytes;
      read_bytes(address, path.data(), few) == 0) {
    for (std::uint64_t i = 0; i < few; ++i) {
      if (path.data()[i] != '\0') continue;
      path.set_size(i);
      return 0;
    }
  }
  const iovec local = {.iov_base = path.data(), .iov_len = PATH_MAX};
  const iovec remote[] = {
      {.iov_base = reinterpret_cast<void*>(address), .iov_len = here},
      {.iov_base = reinterpret_cast<void*>(address + here), .iov_len = PATH_MAX - here}};
  const long size = with_insight([&] {
    return system_call(SYS_process_vm_readv, thread_, word(&local), 1, word(remote),
                       here < PATH_MAX ? 2 : 1, 0);
  });
  if (size < 0) return size;
  for (long i = 0; i < size; ++i) {
    if (path.data()[i] != '\0') continue;
    path.set_size(static_cast<std::size_t>(i));
    return 0;
  }
  path.clear();
  return size == PATH_MAX ? -ENAMETOOLONG : -EFAULT;
}

long Caller::read_bytes(std::uint64_t address, void* to, std::size_t size) const {
  const iovec local = {.iov_base = to, .iov_len = size};
  const iovec remote = {.iov_base = reinterpret_cast<void*>(address), .iov_len = size};
  const long done = with_insight([&] {
    return system_call(SYS_process_vm_readv, thread_, word(&local), 1, word(&remote), 1, 0);
  });
  if (done < 0) return done;
  return static_cast<std::size_t>(done) == size ? 0 : -EFAULT;
}

Descriptor Caller::object(int directory, int flags) const {
  Text<64> path = place(thread_, directory == AT_FDCWD ? "cwd" : "fd/");
  if (directory != AT_FDCWD) {
    if (directory < 0) return Descriptor(-EBADF);
    path += static_cast<std::uint32_t>(directory);
  }
  const long fd = with_insight([&] {
    return system_call(SYS_openat, AT_FDCWD, word(path.c_str()), O_PATH | O_CLOEXEC | flags);
  });
  return Descriptor(fd == -ENOENT && directory != AT_FDCWD ? -EBADF : fd);
}

Descriptor Caller::share(int fd) const {
  constexpr long kThread = O_EXCL;  // PIDFD_THREAD, Linux 6.9
  Descriptor process(system_call(SYS_pidfd_open, thread_, kThread));
  if (!process) {
    const long leader = status_number(thread_, "\nTgid:\t", 10);
    if (leader < 0) return Descriptor(leader);
    process = Descriptor(system_call(SYS_pidfd_open, leader, 0));
  }
  if (!process) return Descriptor(-ESRCH);
  return Descriptor(
      with_insight([&] { return system_call(SYS_pidfd_getfd, process.get(), fd, 0); }));
}

PathText Caller::program() const {
  PathText program;
  const Text<64> link = place(thread_, "exe");
  const long size = with_insight([&] {
    return system_call(SYS_readlinkat, AT_FDCWD, word(link.c_str()), word(program.data()),
                       static_cast<long>(PathText::room()));
  });
  program.set_size(size > 0 ? static_cast<std::size_t>(size) : 0);
  return program;
}

long Caller::umask() const { return status_number(thread_, "\nUmask:\t", 8); }

std::uint32_t Caller::terminal() const {
  char text[512];
  const long size = read_file(thread_, "stat", text);
  if (size < 0) return 0;
  // Behind the program's name, which may hold anything: state, parent, group, session, terminal.
  const std::string_view stat(text, static_cast<std::size_t>(size));
  std::size_t at = stat.rfind(')');
  for (int field = 0; field < 5 && at != std::string_view::npos; ++field)
    at = stat.find(' ', at + 1);
  std::uint32_t number = 0;
  if (at == std::string_view::npos) return 0;
  for (++at; at < stat.size() && stat[at] >= '0' && stat[at] <= '9'; ++at) {
    number = number * 10 + static_cast<std::uint32_t>(stat[at] - '0');
  }
  return number;
}

}  // namespace srt::guard
