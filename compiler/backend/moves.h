#pragma once

#include "compiler/ir/policy.h"

namespace srt {

/// Whether the command can take what a deny covers out of its reach on macOS, by moving a directory
/// above it to another place that it can write. A profile sees a move as two requests, each about
/// one name, and denies none of them because of the other. Never of a deny without `**`, whose
/// ancestors are all pinned, nor where everything writable lies within reach of its one `**`.
bool can_be_moved_away(const ir::Policy& policy, const ir::Rule& rule);

}  // namespace srt
