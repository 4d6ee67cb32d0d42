#include "runtime/launch/bwrap_program.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

namespace srt {
namespace {

bool only_root_writes(const std::string& path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0 && status.st_uid == 0 &&
         (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/// Of an absolute path and every directory above it.
bool only_root_writes_all_of(std::string path) {
  while (only_root_writes(path)) {
    if (path == "/") return true;
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return false;
    path.resize(slash == 0 ? 1 : slash);
  }
  return false;
}

/// The regular file that `path` leads to, without links on the way; empty when there is none.
std::string regular_file_at(const char* path) {
  const std::unique_ptr<char, void (*)(void*)> canonical(realpath(path, nullptr), &std::free);
  struct stat status;
  if (!canonical || stat(canonical.get(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  return canonical.get();
}

}  // namespace

Result<std::string> find_bwrap(std::span<const char* const> paths) {
  constexpr std::string_view kHelp =
      "install bubblewrap from the distribution, for example `apt-get install bubblewrap`";
  const char* distrusted = nullptr;
  for (const char* path : paths) {
    if (access(path, X_OK) != 0) continue;
    const std::string canonical = regular_file_at(path);
    if (!canonical.empty() && only_root_writes_all_of(path) && only_root_writes_all_of(canonical)) {
      return std::string(path);
    }
    distrusted = path;
  }
  if (distrusted != nullptr) {
    return Error{
        fmt::format("`{}` is not used: others than root could have put it there", distrusted),
        std::string(kHelp)};
  }
  return Error{"bubblewrap is not installed", std::string(kHelp)};
}

}  // namespace srt
