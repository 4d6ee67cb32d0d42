#pragma once

#include <span>
#include <string>

#include "runtime/base/result.h"

namespace srt {

/// Where distributions put bubblewrap.
inline constexpr const char* kBwrapPaths[] = {"/usr/bin/bwrap", "/usr/local/bin/bwrap",
                                              "/bin/bwrap"};

/// The first of the absolute `paths` that is an executable file which only root can have put there:
/// it, the file behind its links, and all directories above both belong to root and are writable by
/// nobody else. Neither `PATH` nor the working directory has a say.
Result<std::string> find_bwrap(std::span<const char* const> paths = kBwrapPaths);

}  // namespace srt
