#include "runtime/plan/real_path.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string_view>

namespace srt {
namespace {

// As many links as the kernel follows in one path (path_resolution(7)).
constexpr int kMaxLinks = 40;

}  // namespace

std::optional<RealPath> real_path(const std::string& path,
                                  const std::function<bool(const std::string&)>& may_stand_in) {
  return real_path("", path, may_stand_in);
}

std::optional<RealPath> real_path(const std::string& from, const std::string& path,
                                  const std::function<bool(const std::string&)>& may_stand_in) {
  RealPath out;
  out.path = from;
  out.directory = true;
  std::string rest = path;
  int links = 0;
  while (!rest.empty()) {
    const std::size_t end = rest.find('/');
    const std::string name = rest.substr(0, end);
    rest.erase(0, end == std::string::npos ? rest.size() : end + 1);
    if (name.empty() || name == ".") continue;
    if (!out.directory) return std::nullopt;
    if (name == "..") {
      out.path.erase(std::min(out.path.rfind('/'), out.path.size()));
      continue;
    }
    const std::string next = out.path + '/' + name;
    struct stat info = {};
    if (lstat(next.c_str(), &info) != 0) return std::nullopt;
    if (!S_ISLNK(info.st_mode)) {
      out.path = next;
      out.directory = S_ISDIR(info.st_mode);
      continue;
    }
    std::array<char, PATH_MAX> text;
    const ssize_t length = readlink(next.c_str(), text.data(), text.size());
    if (length <= 0 || ++links > kMaxLinks) return std::nullopt;
    if (!may_stand_in(out.path)) out.links_hold = false;
    const std::string to(text.data(), static_cast<std::size_t>(length));
    if (to[0] == '/') out.path.clear();
    rest = to + '/' + rest;
  }
  return out;
}

}  // namespace srt
