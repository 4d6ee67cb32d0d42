#pragma once

#include <string>

#include "compiler/source/source.h"

namespace srt::language {

/// The file in the one layout that the policy language has: a statement a line, one space between
/// words, long lists broken after commas and aligned, blocks indented, at most one empty line.
/// Comments stay where they are, and lists stay broken where they were. What `parse` reports is not
/// looked at: only for a file without problems. Formatting twice changes nothing more.
std::string format(const SourceSet& sources, FileId file);

}  // namespace srt::language
