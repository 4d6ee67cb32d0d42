#pragma once

#include <string>

#include "runtime/base/result.h"

namespace srt {

/// Where the search for a command ended.
struct CommandFile {
  int status;        ///< 0: found; 126: found, but not executable; 127: not found
  std::string path;  ///< absolute, when found
};

/// Finds the file that `name` means, as a shell does, in the search path `path`, and from the
/// directory `here`.
CommandFile find_command_file(const std::string& name, const std::string& path,
                              const std::string& here);

}  // namespace srt
