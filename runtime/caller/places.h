#pragma once

#include <functional>
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

/// The directory a command gets as `TMPDIR` on Linux where the policy lets it write to none of the
/// caller's: on the sandbox's own tmpfs, so that nothing of it can stay behind.
inline constexpr std::string_view kPrivateTmp = "/dev/shm/tmp";

/// What differs from target to target in finding places.
struct PlaceRules {
  /// Whether the rules let the command write to an absolute path, with these anchors.
  std::function<bool(const std::vector<std::string>& anchors, const std::string& path)> lets_write;
  /// Whether the command may be able to put another link into a directory: not less than that.
  std::function<bool(const std::vector<std::string>& anchors, const std::string& directory)>
      may_change;
  /// Makes the private directory that `Places::tmp_is_private` speaks of, or says where it will be.
  std::function<Result<std::string>()> private_tmp;
};

/// Those of Linux for this bundle, which has to outlive them.
PlaceRules linux_place_rules(const Bundle& bundle);

/// Finds the values of all parameters, `overrides` (`--param`) first, and of `${tmp}`: the first of
/// the policy's own candidates, `TMPDIR` and `/tmp` that is a directory and that the rules let the
/// command write, else a private one. Errors are those of `resolve_parameters` and of
/// `PlaceRules::private_tmp`, and a parameter whose value leads through a symbolic link that the
/// command could have made. `bundle_file` is what `${srt.bundle}` means, empty where the bundle is
/// no file yet.
Result<Places> find_places(const Bundle& bundle, const Caller& caller,
                           const std::string& bundle_file,
                           const std::vector<std::pair<std::string, std::string>>& overrides,
                           const PlaceRules& rules);

/// With the rules of Linux.
Result<Places> find_places(const Bundle& bundle, const Caller& caller,
                           const std::string& bundle_file,
                           const std::vector<std::pair<std::string, std::string>>& overrides);

}  // namespace srt
