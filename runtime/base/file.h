#pragma once

#include <cstddef>
#include <string>

#include "runtime/base/result.h"

namespace srt {

/// The whole content of a file, or of standard input for `-`. An error names the file; a file of
/// more than `limit` bytes is one.
Result<std::string> read_file(const std::string& path, std::size_t limit);

/// A file's new content, on disk beside the old: nothing is seen of it until `commit`, and nothing
/// is left of it without.
class StagedFile {
 public:
  /// Writes `content` beside `path` under another name and syncs it, mode 0644 less the umask. A
  /// link at `path` is followed, so that it stays. What is no regular file (a device, a pipe) is
  /// left for `commit` to write to.
  static Result<StagedFile> write(const std::string& path, std::string content);

  StagedFile(StagedFile&& other) noexcept;
  StagedFile& operator=(StagedFile&& other) = delete;
  ~StagedFile();

  /// Puts the content in place by one rename, so that a crash leaves the old content or the new.
  Status commit();

 private:
  StagedFile(std::string path, std::string target)
      : path_(std::move(path)), target_(std::move(target)) {}

  std::string path_;       // as the user gave it, for messages
  std::string target_;     // where it leads
  std::string temporary_;  // the file beside it; empty once it is gone, or where there is none
  std::string content_;    // for what is no regular file
};

}  // namespace srt
