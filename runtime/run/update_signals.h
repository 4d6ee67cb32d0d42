#pragma once

#include "runtime/base/result.h"
#include "runtime/base/unique_fd.h"

namespace srt {

/// A signalfd(2) of SIGUSR2, which has to be blocked or ignored; from now on one that comes when
/// nobody reads it is dropped.
Result<UniqueFd> update_signals();

}  // namespace srt
