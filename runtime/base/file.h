#pragma once

#include <cstddef>
#include <string>

#include "runtime/base/result.h"

namespace srt {

/// The whole content of a file, or of standard input for `-`. An error names the file; a file of
/// more than `limit` bytes is one.
Result<std::string> read_file(const std::string& path, std::size_t limit);

/// Puts `content` at `path` whole or not at all: written beside it under another name, synced, then
/// renamed over it, so that a full disk or a crash leaves what was there. Mode 0644 less the umask;
/// a path that is a link is followed, so that the link stays. A path that is not a regular file (a
/// device, a pipe) is written to as it is.
Status write_file_atomically(const std::string& path, const std::string& content);

}  // namespace srt
