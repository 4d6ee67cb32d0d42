#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/result.h"

namespace srt {

/// Who asks for a run, and where: what parameters of a policy take their values from.
struct Caller {
  std::string working_directory;                                 ///< canonical; the root is "/"
  std::vector<std::pair<std::string, std::string>> environment;  ///< in order, without duplicates
  std::optional<std::string> passwd_name;  ///< of the real uid, where /etc/passwd has it
  std::optional<std::string> passwd_home;
  std::string program;            ///< the running program's file, canonical; may be empty
  std::string program_directory;  ///< where the running program lies, canonical

  std::optional<std::string> variable(std::string_view name) const;
};

/// This process's caller. An error when the working directory is gone or cannot be read.
Result<Caller> this_caller();

/// Where compiled policies are kept for this caller: `$XDG_CACHE_HOME/srt`, else `~/.cache/srt`.
/// Nothing when neither is known or absolute.
std::optional<std::string> cache_directory(const Caller& caller);

/// The canonical path of the absolute path `path` as far as it exists, with the rest behind it as
/// it is spelled. The root directory is "".
std::string real_as_far_as_it_exists(const std::string& path);

}  // namespace srt
