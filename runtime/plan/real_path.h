#pragma once

#include <functional>
#include <optional>
#include <string>

namespace srt {

/// Where a path leads.
struct RealPath {
  std::string path;        ///< canonical; the root directory is ""
  bool directory = false;  ///< what is there is a directory
  bool links_hold = true;  ///< `may_stand_in` held for every directory that a followed link is in
};

/// Follows every symbolic link of the absolute path `path`, the last component's too. Nothing when
/// the path leads nowhere: a component is missing, not to be searched, or links go round.
std::optional<RealPath> real_path(const std::string& path,
                                  const std::function<bool(const std::string&)>& may_stand_in);

/// The same for `path` from the directory `from`, which is canonical and there.
std::optional<RealPath> real_path(const std::string& from, const std::string& path,
                                  const std::function<bool(const std::string&)>& may_stand_in);

}  // namespace srt
