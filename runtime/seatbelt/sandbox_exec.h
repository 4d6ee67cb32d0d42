#pragma once

#include <string>
#include <utility>
#include <vector>

#include "runtime/bundle/bundle.h"
#include "runtime/caller/places.h"

namespace srt {

/// macOS's own launcher. Its place is the system's, which nobody can write; tests have another.
const char* sandbox_exec_program();

/// `-D NAME=VALUE`, in order.
using ProfileValues = std::vector<std::pair<std::string, std::string>>;

/// What the bundle's profile is to be given: each directory canonical as far as it exists, the root
/// directory as `/`, what nothing has as kNowhere.
ProfileValues profile_values(const Bundle& bundle, const Places& places);

/// The words of `sandbox-exec -f PROFILE -D NAME=VALUE … -- COMMAND…`, its own name first.
std::vector<std::string> sandbox_exec_words(const std::string& profile, const ProfileValues& values,
                                            const std::vector<std::string>& command);

}  // namespace srt
