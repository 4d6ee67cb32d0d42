#pragma once

#include <optional>
#include <string>

namespace srt {

/// What each platform tells of this process in its own way.
struct Identity {
  std::optional<std::string> passwd_name;  ///< of the real uid
  std::optional<std::string> passwd_home;
  std::string program;  ///< the file of the running program; empty where it cannot be told
};

Identity this_identity();

}  // namespace srt
