#pragma once

#include <vector>

#include "compiler/ir/policy.h"

/// What becomes of a deny on macOS when the command moves a directory above what it covers. A
/// profile sees a move as two requests, each about one name, and can deny none of them because of
/// the other.
namespace srt {

enum class Reach {
  stays,     ///< no directory can be moved out of it
  followed,  ///< one can, and the profile denies what was covered in every writable place
  lost,      ///< one can, and what it covers is then no longer denied
};

/// Which of them holds for a rule. Ancestors that a pattern names are pinned, so only a directory
/// that `**` stands for moves. An allow, and a rule that is not about files, stays.
Reach reach_when_moved(const ir::Policy& policy, const ir::Rule& rule);

/// Whether it is `Reach::lost`, which the rule alone decides.
bool is_lost_when_moved(const ir::Rule& rule);

/// Of a deny that is followed: what it covers below any directory, `/**/.env` of `./**/.env`.
glob::PathPattern tail_of(const glob::PathPattern& pattern);

/// Of a deny that is followed: the patterns of the grants where a directory out of its reach can be
/// moved to.
std::vector<glob::PathPattern> writable_beyond(const ir::Policy& policy, const ir::Rule& rule);

}  // namespace srt
