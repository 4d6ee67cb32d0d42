#pragma once

#include <string>

#include "runtime/base/result.h"
#include "runtime/run/platform.h"

namespace srt {

/// The launch as text: sandbox-exec's words, the environment and the profile. What is only known
/// when it runs, the proxy's port and token and the names of files of its own, stands as a word in
/// capitals.
Result<std::string> describe_launch_on_macos(const platform::Request& request);

}  // namespace srt
