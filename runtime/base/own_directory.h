#pragma once

#include <sys/stat.h>

#include <string>

namespace srt {

/// Whether others than its owner may write it.
bool is_open_to_others(const struct stat& info);

/// Makes the directory at an absolute path, and those above it, where they are missing. False where
/// it is not this user's alone to write, or another could be put in its place.
bool make_own_directory(const std::string& path);

}  // namespace srt
