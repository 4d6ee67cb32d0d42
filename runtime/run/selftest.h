#pragma once

#include <string>

#include "runtime/base/result.h"
#include "runtime/bundle/bundle.h"
#include "runtime/caller/caller.h"
#include "runtime/caller/places.h"
#include "runtime/launch/launch.h"

namespace srt {

/// What `srt-run --selftest` found.
struct SelfTest {
  std::string text;  ///< a line for each thing that is not as it should be, and a summary
  bool holds;        ///< whether everything that was tried is as the policy says
};

/// Tries in a sandbox of `spec`, whose command and streams are replaced, what the bundle's
/// expectations about paths say, and reading and writing at every place where the plan mounts
/// something: the kernel has to do what the rules decide. Of what the rules allow and the caller
/// may not itself, and of what is not there, nothing can be learnt; the summary counts these.
Result<SelfTest> self_test(const Bundle& bundle, const Caller& caller, const Places& places,
                           LaunchSpec spec);

}  // namespace srt
