#pragma once

#include <string>

#include "compiler/driver/decide.h"
#include "compiler/ir/policy.h"
#include "compiler/source/source.h"

namespace srt::driver {

/// The least that has to be written into a policy so that a request is decided the other way, as a
/// line of text; tried out, not guessed. Says so where nothing can be written: `std.self` comes
/// last. Empty where nothing is found. The decision is one of this policy, of one target.
std::string change_that_flips(const ir::Policy& policy, const SourceSet& sources,
                              const Places& places, const std::string& directory,
                              Operation operation, const Decision& decision);

}  // namespace srt::driver
