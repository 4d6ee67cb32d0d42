#pragma once

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <optional>
#include <string>

namespace srt::test {

/// What `body` returns in a fork of this process that sees a file system of `bytes` bytes, a
/// multiple of the page size, at `directory`. Nothing where this kernel or container lets nobody
/// mount one.
template <typename Body>
std::optional<bool> on_small_disk(const std::string& directory, int bytes, const Body& body) {
  constexpr int kNo = 1;
  constexpr int kCannot = 2;
  const pid_t pid = fork();
  if (pid == 0) {
    const std::string user = std::to_string(geteuid());
    const std::string group = std::to_string(getegid());
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) _exit(kCannot);
    std::ofstream("/proc/self/setgroups") << "deny";
    std::ofstream("/proc/self/uid_map") << user << ' ' << user << " 1";
    std::ofstream("/proc/self/gid_map") << group << ' ' << group << " 1";
    const std::string size = "mode=0700,size=" + std::to_string(bytes);
    if (mount("tmpfs", directory.c_str(), "tmpfs", 0, size.c_str()) != 0) _exit(kCannot);
    _exit(body() ? 0 : kNo);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kCannot) return std::nullopt;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace srt::test
