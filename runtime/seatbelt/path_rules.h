#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/bundle/bundle.h"

namespace srt {

/// What a bundle's rules say of paths on macOS. Its tables hold the rules of Linux; where some rule
/// is for one of the two alone they tell nothing here.
///
/// `/tmp`, `/var` and `/etc` are links to directories of these names in `/private`: a rule that
/// names either spelling means both, as in the profile.
class PathRules {
 public:
  /// Of a bundle that outlives this.
  explicit PathRules(const Bundle& bundle);

  /// The access to a canonical path, with these anchors; nothing where the tables do not tell.
  std::optional<Access> access(const std::vector<std::string>& anchors,
                               const std::string& path) const;

  /// Whether the command can perhaps put another entry into a directory. Where the tables do not
  /// tell, all can be changed that this process could.
  bool may_change(const std::vector<std::string>& anchors, const std::string& directory) const;

 private:
  const Bundle& bundle_;
  bool tell_ = true;
};

}  // namespace srt
