#pragma once

#include <string>
#include <utility>
#include <vector>

#include "runtime/bundle/bundle.h"
#include "runtime/caller/caller.h"

namespace srt {

/// What a bundle's parameters come to for one caller.
struct Places {
  ParameterValues values;            ///< of the bundle's parameters
  std::vector<std::string> anchors;  ///< of the bundle's anchors; the root directory is ""
  std::string tmp;                   ///< what the command gets as `TMPDIR`
  /// `tmp` is a directory of the sandbox's own, to be made and gone with it.
  bool tmp_is_private = false;
};

/// The directory a command gets as `TMPDIR` where the policy lets it write to none of the caller's:
/// on the sandbox's own tmpfs, so that nothing of it can stay behind.
inline constexpr std::string_view kPrivateTmp = "/dev/shm/tmp";

/// Finds the values of all parameters, `overrides` (`--param`) first, and of `${tmp}`: the first of
/// the policy's own candidates, `TMPDIR` and `/tmp` that is a directory and that the rules let the
/// command write, else a private one. Errors are those of `resolve_parameters`, and a parameter
/// whose value leads through a symbolic link that the command could have made. `bundle_file` is
/// what
/// `${srt.bundle}` means, empty where the bundle is no file yet.
Result<Places> find_places(const Bundle& bundle, const Caller& caller,
                           const std::string& bundle_file,
                           const std::vector<std::pair<std::string, std::string>>& overrides);

}  // namespace srt
