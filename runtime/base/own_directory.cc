#include "runtime/base/own_directory.h"

#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

namespace srt {
namespace {

// Whether nobody but this user and root can put another directory in the place of one in `path`,
// which is absolute. In a sticky directory only the owner of an entry can.
bool is_kept_from_others(const std::string& path) {
  const std::unique_ptr<char, decltype(&free)> real(realpath(path.c_str(), nullptr), free);
  if (real == nullptr) return false;
  for (std::string at = real.get();; at.resize(at.rfind('/'))) {
    struct stat info = {};
    if (stat(at.empty() ? "/" : at.c_str(), &info) != 0) return false;
    if (info.st_uid != geteuid() && info.st_uid != 0) return false;
    if (is_open_to_others(info) && (info.st_mode & S_ISVTX) == 0) return false;
    if (at.empty() || at == "/") return true;
  }
}

}  // namespace

bool is_open_to_others(const struct stat& info) {
  return (info.st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

bool make_own_directory(const std::string& path) {
  for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const std::string prefix = path.substr(0, slash);
    if (mkdir(prefix.c_str(), 0700) != 0 && errno != EEXIST) return false;
    if (slash == std::string::npos) break;
  }
  struct stat info = {};
  return lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == geteuid() &&
         !is_open_to_others(info) && is_kept_from_others(path.substr(0, path.rfind('/') + 1));
}

}  // namespace srt
