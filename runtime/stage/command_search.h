#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>

namespace srt::stage {

/// What the file system says about a candidate.
enum class Candidate { absent, not_executable, executable };

/// Where a search for a command ended.
struct CommandSearch {
  int status;        ///< 0: found; 126: found, but not executable; 127: not found
  const char* path;  ///< when found: the name itself or `buffer`
};

/// The value of `PATH` in `environment` (ends with a null pointer), or the search path that POSIX
/// systems have without one.
inline std::string_view search_path(char* const* environment) {
  constexpr std::string_view kName = "PATH=";
  for (; *environment != nullptr; ++environment) {
    const std::string_view entry = *environment;
    if (entry.starts_with(kName)) return {*environment + kName.size()};
  }
  return "/usr/bin:/bin";
}

/// Finds the file that `name` means as a shell does: a name with a slash is a path, any other is
/// looked up in each directory of `path` in turn, an empty one being the working directory.
/// `execvp` would not do: it feeds files that are no programs to a shell, and its errno does not
/// tell 126 from 127. `probe(const char*)` returns a Candidate. Candidates longer than `buffer` do
/// not exist.
template <typename Probe>
CommandSearch find_command(const char* name, std::string_view path, std::span<char> buffer,
                           Probe probe) {
  const std::string_view wanted = name;
  if (wanted.empty()) return {127, nullptr};
  if (wanted.find('/') != std::string_view::npos) {
    switch (probe(name)) {
      case Candidate::absent:
        return {127, nullptr};
      case Candidate::not_executable:
        return {126, nullptr};
      case Candidate::executable:
        return {0, name};
    }
  }
  int status = 127;
  for (bool more = true; more;) {
    const std::size_t colon = path.find(':');
    more = colon != std::string_view::npos;
    const std::string_view directory(path.data(), more ? colon : path.size());
    if (more) path.remove_prefix(colon + 1);
    if (directory.size() + wanted.size() + 2 > buffer.size()) continue;
    char* end = std::copy(directory.begin(), directory.end(), buffer.data());
    if (!directory.empty()) *end++ = '/';
    end = std::copy(wanted.begin(), wanted.end(), end);
    *end = '\0';
    const Candidate candidate = probe(static_cast<const char*>(buffer.data()));
    if (candidate == Candidate::executable) return {0, buffer.data()};
    if (candidate == Candidate::not_executable) status = 126;
  }
  return {status, nullptr};
}

}  // namespace srt::stage
