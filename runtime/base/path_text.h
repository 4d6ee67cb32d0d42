#pragma once

#include <string>
#include <string_view>

// What absolute paths tell by their text alone.

namespace srt {

/// Whether `path` is `directory` or beneath it.
inline bool is_at_or_beneath(std::string_view path, std::string_view directory) {
  return directory == "/" || (path.starts_with(directory) &&
                              (path.size() == directory.size() || path[directory.size()] == '/'));
}

/// The directory that a path other than `/` is an entry of.
inline std::string parent_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 ? "/" : std::string(path.substr(0, slash));
}

}  // namespace srt
