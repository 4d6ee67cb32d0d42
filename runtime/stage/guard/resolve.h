#pragma once

#include "runtime/stage/guard/caller.h"

namespace srt::guard {

/// As many as the kernel follows in one path (path_resolution(7)).
inline constexpr int kMaxLinks = 40;

/// A directory and the entry of it that a path ends with.
struct Place {
  Descriptor directory;  ///< open with O_PATH
  PathText name;         ///< as the path has it, with the slashes behind it; "" for an empty path
  /// Canonical path of the directory, "" of one that has none the rules could speak of.
  PathText path;
  bool in_proc = false;  ///< the directory is of the sandbox's own /proc

  /// The name without slashes behind it.
  std::string_view entry() const;
  /// Whether the path cannot end with a new name: it is empty, the root, `.` or `..`.
  bool is_fixed() const;
};

/// Resolves all but the last component of `path` as the caller would, from `base` (an O_PATH
/// descriptor of a directory) where it is relative: `/proc/self` is the caller's. 0 or -errno.
long resolve_parent(const Caller& caller, Descriptor base, const PathText& path, Place& place);

/// The last component of a path, with the slashes behind it.
std::string_view last_of(const PathText& path);

/// Whether all but the last components of two paths are spelled alike.
bool is_same_directory(const PathText& a, const PathText& b);

/// Opens with O_PATH what `path` leads to as the caller would, the last component followed too.
Descriptor resolve(const Caller& caller, int base, const PathText& path);

/// Reads the symbolic link `name` of `directory`; 0 or -errno.
long read_link(int directory, const char* name, PathText& text);

}  // namespace srt::guard
