#pragma once

#include "runtime/stage/stage_message.h"

namespace srt::stage {

/// Turns the calling process, a fresh child of the stage, into the command: restores what the
/// launcher changed, gives up what is left to give up, enforces the Landlock `ruleset` unless that
/// is negative, installs the filter and executes. Where names are guarded, the filter's listener
/// goes over the socket `outcome` before. Returns only when that failed, with a `failed` or
/// `not_executed` report that says why.
StageReport become_command(const StageMessage& message, long ruleset, int outcome);

}  // namespace srt::stage
