#pragma once

#include "runtime/base/result.h"
#include "runtime/base/unique_fd.h"
#include "runtime/caller/caller.h"

namespace srt::driver {

/// Starts a process that turns what comes on `control`, settings in JSON, an object a line, into
/// bundles for `srt-run --control-fd`, and returns the number to give with that. This process is to
/// become `srt-run` next: it keeps its number, its place in the terminal's job and its exit status,
/// and the other one, out of the terminal's reach, ends with it.
///
/// A line that is no such settings is reported on standard error and passed over; an empty one says
/// nothing.
Result<int> start_live_settings(UniqueFd control, const Caller& caller);

}  // namespace srt::driver
