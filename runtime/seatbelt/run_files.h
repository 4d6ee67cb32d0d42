#pragma once

#include <string>

#include "runtime/base/result.h"
#include "runtime/base/unique_fd.h"
#include "runtime/caller/caller.h"

namespace srt {

/// What one run keeps on disk, in a directory of its own beneath the cache, which no command can
/// write: the profile for sandbox-exec, and the name of a private temporary directory. All of it is
/// gone with this object. What a run leaves that was killed with SIGKILL the next one removes: a
/// lock on a file of its directory, which ends with the process, tells that it lives.
class RunFiles {
 public:
  /// Cleans up behind dead runs, and makes the directory. Fails where this caller has no cache that
  /// is its alone to write.
  static Result<RunFiles> make(const Caller& caller);

  RunFiles(RunFiles&& other) noexcept;
  RunFiles(const RunFiles&) = delete;
  RunFiles& operator=(const RunFiles&) = delete;
  ~RunFiles();

  /// Writes the profile; returns its path.
  Result<std::string> write_profile(const std::string& text) const;

  /// The private temporary directory, made when it is first asked for: in the caller's `TMPDIR`,
  /// else in `/tmp`. Canonical.
  Result<std::string> private_tmp();

 private:
  RunFiles(std::string directory, std::string shared_tmp, UniqueFd lock);

  std::string directory_;
  std::string shared_tmp_;
  std::string private_tmp_;
  UniqueFd lock_;
};

}  // namespace srt
