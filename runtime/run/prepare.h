#pragma once

#include "runtime/bundle/bundle.h"
#include "runtime/caller/places.h"
#include "runtime/launch/launch.h"
#include "runtime/run/options.h"

namespace srt {

/// Decides everything about a run: mounts by a walk over the file system, environment, filter. An
/// error when something that the bundle asks for cannot be done here.
Result<LaunchSpec> prepare(const Bundle& bundle, const Caller& caller, const Places& places,
                           const std::vector<std::string>& command);

}  // namespace srt
