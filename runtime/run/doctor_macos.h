#pragma once

#include "runtime/run/platform.h"

namespace srt {

/// Looks at what a launch on macOS needs. It starts nothing.
platform::Findings examine_mac();

}  // namespace srt
