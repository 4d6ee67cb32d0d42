#include "runtime/base/file.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "runtime/base/unique_fd.h"

namespace srt {
namespace {

Error failed(const std::string& doing, const std::string& path) {
  return Error{"cannot " + doing + " `" + path + "`: " + std::strerror(errno)};
}

std::optional<Error> write_all(int fd, const std::string& content, const std::string& path) {
  for (std::size_t done = 0; done < content.size();) {
    const ssize_t n = write(fd, content.data() + done, content.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed("write", path);
    done += static_cast<std::size_t>(n);
  }
  return std::nullopt;
}

// The object that `path` leads to, so that a link stays a link; `path` itself while nothing is
// there.
std::string target_of(const std::string& path) {
  char* real = realpath(path.c_str(), nullptr);
  if (real == nullptr) return path;
  std::string out = real;
  free(real);
  return out;
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  UniqueFd opened;
  if (path != "-") {
    opened.reset(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!opened) return failed("read", path);
  }
  const int fd = path == "-" ? STDIN_FILENO : opened.get();
  std::string content;
  std::size_t used = 0;
  struct stat info = {};
  // One byte more than the file has, so that its end shows in the first read.
  if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0) {
    content.resize(std::min(static_cast<std::size_t>(info.st_size), limit) + 1);
  }
  for (;;) {
    if (used == content.size()) content.resize(std::max<std::size_t>(16384, 2 * used));
    const ssize_t n = read(fd, content.data() + used, content.size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed("read", path);
    if (n == 0) break;
    used += static_cast<std::size_t>(n);
    if (used > limit) {
      return Error{"`" + path + "` has more than " + std::to_string(limit) + " bytes"};
    }
  }
  content.resize(used);
  return content;
}

Result<StagedFile> StagedFile::write(const std::string& path, std::string content) {
  StagedFile staged(path, target_of(path));
  struct stat info = {};
  if (stat(staged.target_.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    staged.content_ = std::move(content);
    return staged;
  }
  std::string temporary = staged.target_ + ".XXXXXX";
  UniqueFd fd(mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd) return failed("write", path);
  staged.temporary_ = temporary;
  const mode_t mask = umask(0);
  umask(mask);
  if (const auto error = write_all(fd.get(), content, path)) return *error;
  if (fchmod(fd.get(), 0644 & ~mask) != 0 || fsync(fd.get()) != 0) return failed("write", path);
  // Some file systems report a full disk only now.
  if (close(fd.release()) != 0) return failed("write", path);
  return staged;
}

StagedFile::StagedFile(StagedFile&& other) noexcept
    : path_(std::move(other.path_)),
      target_(std::move(other.target_)),
      temporary_(std::exchange(other.temporary_, {})),
      content_(std::move(other.content_)) {}

StagedFile::~StagedFile() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

Status StagedFile::commit() {
  if (temporary_.empty()) {
    UniqueFd fd(open(target_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
    if (!fd) return failed("write", path_);
    if (const auto error = write_all(fd.get(), content_, path_)) return *error;
    return ok();
  }
  if (rename(temporary_.c_str(), target_.c_str()) != 0) return failed("write", path_);
  temporary_.clear();
  return ok();
}

}  // namespace srt
