#pragma once

#include <cstdint>
#include <string>

namespace srt {

/// A name that the command was not to make or to take away.
struct RefusedName {
  std::uint32_t rule;   ///< index in the bundle
  std::string path;     ///< canonical
  std::string program;  ///< that asked for it; empty when it could not be found out
  std::int32_t thread;  ///< its number inside the sandbox
};

}  // namespace srt
