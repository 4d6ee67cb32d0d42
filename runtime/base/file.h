#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

struct stat;

namespace srt {

/// The whole content of a file, or of standard input for `-`. An error names the file; a file of
/// more than `limit` bytes is one.
Result<std::string> read_file(const std::string& path, std::size_t limit);

/// The same of a regular file. What is no such file, which somebody else may have put there, is an
/// error and never waited for.
Result<std::string> read_regular_file(const std::string& path, std::size_t limit);

/// Writes all of `bytes`, in as many calls as it takes; false, with errno set, where that fails.
bool write_all(int fd, std::string_view bytes);

/// A file's new content, on disk beside the old: nothing is seen of it until `commit`, and nothing
/// is left of it without.
class StagedFile {
 public:
  /// Writes `content` beside `path` under another name and syncs it. A file that is there keeps its
  /// mode, owner and group, as far as the caller may give them; a new one has mode 0644 less the
  /// umask. A link at `path` is followed, so that it stays. What is no regular file (a device, a
  /// pipe) is left for `commit` to write to.
  static Result<StagedFile> write(const std::string& path, std::string content);

  /// The same for a new file at `path`: of what is there nothing is kept, and a link is replaced.
  static Result<StagedFile> write_new(const std::string& path, const std::string& content);

  StagedFile(StagedFile&& other) noexcept;
  StagedFile& operator=(StagedFile&& other) = delete;
  ~StagedFile();

  /// Puts the content in place by one rename, so that a crash leaves the old content or the new.
  Status commit();

  /// Commits all of `files`, or none where one cannot be. Devices and pipes come first, as what
  /// they were given cannot be taken back; a crash in between leaves each file old or new.
  static Status commit_all(std::vector<StagedFile>& files);

 private:
  StagedFile(std::string path, std::string target)
      : path_(std::move(path)), target_(std::move(target)) {}

  /// Writes the file beside the target, with the access of `old` where there is one.
  Status stage(const std::string& content, const struct stat* old);
  bool is_regular() const { return !temporary_.empty(); }
  Status commit_keeping_old();
  void take_back();
  void drop_old();

  std::string path_;       // as the user gave it, for messages
  std::string target_;     // where it leads
  std::string temporary_;  // the file beside it; empty once it is gone, or where there is none
  std::string old_;        // what `target_` was before, while it can be taken back
  std::string content_;    // for what is no regular file
};

}  // namespace srt
