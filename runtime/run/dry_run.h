#pragma once

#include <string>

#include "runtime/bundle/bundle.h"
#include "runtime/launch/launch.h"

namespace srt {

/// The launch as text: mounts with the rules that want them, bubblewrap's arguments, environment,
/// filter and command. What it says is exactly what a run would do at this moment.
Result<std::string> describe_launch(const Bundle& bundle, const LaunchSpec& spec);

}  // namespace srt
