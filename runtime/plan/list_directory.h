#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace srt {

/// What a directory says that an entry is; not every file system says it.
enum class EntryType : std::uint8_t { unknown, directory, link, other };

/// Calls `visit` for each entry of the directory at `path` but `.` and `..`, in no order. Returns
/// 0, or the error number of what failed; then some entries may be missing.
int list_directory(const std::string& path,
                   const std::function<void(std::string_view, EntryType)>& visit);

}  // namespace srt
