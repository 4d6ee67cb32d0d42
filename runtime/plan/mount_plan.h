#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/bundle/path_table.h"

namespace srt {

/// One mount of the sandbox's file system view.
struct Mount {
  enum class Kind : std::uint8_t {
    read_write,        ///< the host's object, writable
    read_only,         ///< the host's object, not writable
    pin,               ///< a writable directory bound on itself, so that it cannot be renamed away
    hidden_file,       ///< an unreadable, read-only stand-in for anything that is no directory
    hidden_directory,  ///< an unreadable, read-only, empty stand-in for a directory
    sealed_directory,  ///< a read-only directory that can be passed through but not listed; what
                       ///< later mounts re-open beneath it is all it holds. Of "/" also listable.
  };

  Kind kind;
  std::string path;  ///< canonical and absolute: no symbolic link in any component
  bool directory;    ///< whether the object at `path` is a directory
  std::uint32_t rule =
      kNoRule;  ///< index of the deciding rule in the bundle, kNoRule for a default

  static constexpr std::uint32_t kNoRule = UINT32_MAX;
};

/// What the mounts cannot cover: names that are not there yet, and symbolic links. Whoever makes
/// names for the command asks the path rules, and needs to know besides what they came to here.
struct NameGuard {
  /// Walk::Alias: another name of a directory or a file.
  struct Alias {
    std::string target;  ///< canonical
    PathTable::Position position;
    PathTable::Position base;
    bool trusted;
  };

  /// A symbolic link at a name that a rule denies, in a place that can be written.
  struct Link {
    std::string path;
    std::uint32_t rule;
  };

  bool is_needed = false;  ///< something that a rule denies can appear, or be replaced
  std::vector<Alias> aliases;
  std::vector<Link> links;
};

/// What the command will see of the host's file system. Knows no engine: bubblewrap's arguments are
/// one rendering of it. The first mount is "/" itself. Parents come before what lies beneath them;
/// where two mounts name one path, the later one is on top.
struct MountPlan {
  std::vector<Mount> mounts;
  std::vector<std::string> notes;  ///< what the launch could not do exactly, one sentence each
  NameGuard guard = {};
};

/// The mount that a canonical path lies in; null where the plan has none.
const Mount* mount_over(const MountPlan& plan, std::string_view path);

/// Whether the command can write what the host has at the canonical `path`, as far as permissions
/// go: the nearest mount tells. /proc and /dev are the sandbox's own.
bool lets_write(const MountPlan& plan, const std::string& path);

}  // namespace srt
