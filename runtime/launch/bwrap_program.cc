#include "runtime/launch/bwrap_program.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string_view>
#include <system_error>

namespace srt {
namespace {

bool only_root_writes(const std::filesystem::path& path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0 && status.st_uid == 0 &&
         (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

bool only_root_writes_all_of(std::filesystem::path path) {
  while (only_root_writes(path)) {
    if (!path.has_relative_path()) return true;
    path = path.parent_path();
  }
  return false;
}

}  // namespace

Result<std::string> find_bwrap(std::span<const char* const> paths) {
  constexpr std::string_view kHelp =
      "install bubblewrap from the distribution, for example `apt-get install bubblewrap`";
  const char* distrusted = nullptr;
  for (const char* path : paths) {
    if (access(path, X_OK) != 0) continue;
    std::error_code failure;
    const std::filesystem::path canonical = std::filesystem::canonical(path, failure);
    if (!failure && std::filesystem::is_regular_file(canonical, failure) &&
        only_root_writes_all_of(path) && only_root_writes_all_of(canonical)) {
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
