#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdint>

#include "runtime/caller/identity.h"

// libproc.h, which nothing but macOS has: fills in the path of a process's program and returns its
// length, or 0 or less.
extern "C" int proc_pidpath(int pid, void* buffer, std::uint32_t size);

namespace srt {

Identity this_identity() {
  Identity identity;
  // Users of directory services are there too (Open Directory).
  if (const passwd* entry = getpwuid(getuid())) {
    identity.passwd_name = entry->pw_name;
    if (entry->pw_dir != nullptr && *entry->pw_dir != '\0') identity.passwd_home = entry->pw_dir;
  }
  std::array<char, 4096> path;  // PROC_PIDPATHINFO_MAXSIZE
  const int size = proc_pidpath(getpid(), path.data(), path.size());
  if (size > 0) identity.program.assign(path.data(), static_cast<std::size_t>(size));
  return identity;
}

}  // namespace srt
