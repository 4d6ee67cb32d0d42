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

// The file that `path` leads to, so that a link stays a link.
std::string real_file(const std::string& path) {
  char* real = realpath(path.c_str(), nullptr);
  if (real == nullptr) return path;
  std::string out = real;
  free(real);
  return out;
}

// Where a file would be made that is opened as `path`, which leads to nothing.
std::string missing_file(std::string path) {
  char to[PATH_MAX];
  for (ssize_t size; (size = readlink(path.c_str(), to, sizeof(to))) > 0;) {
    const std::size_t base = to[0] == '/' ? 0 : path.rfind('/') + 1;
    path.replace(base, std::string::npos, to, static_cast<std::size_t>(size));
  }
  return path;
}

// Makes `fd` as open to others as a file of `old` was. A group that cannot be given gets nothing.
bool copy_access(int fd, const struct stat& old) {
  mode_t mode = old.st_mode & 0777;
  struct stat info = {};
  if (fstat(fd, &info) != 0) return false;
  const bool is_same = info.st_uid == old.st_uid && info.st_gid == old.st_gid;
  if (!is_same && fchown(fd, old.st_uid, old.st_gid) != 0 &&
      fchown(fd, static_cast<uid_t>(-1), old.st_gid) != 0) {
    mode &= ~static_cast<mode_t>(S_IRWXG);
  }
  return fchmod(fd, mode) == 0;
}

bool give_default_mode(int fd) {
  const mode_t mask = umask(0);
  umask(mask);
  return fchmod(fd, 0644 & ~mask) == 0;
}

// The rest of what `fd` holds, at most `limit` bytes.
Result<std::string> read_all(int fd, const struct stat& info, const std::string& path,
                             std::size_t limit) {
  std::string content;
  std::size_t used = 0;
  // One byte more than the file has, so that its end shows in the first read.
  if (S_ISREG(info.st_mode) && info.st_size > 0) {
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

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  UniqueFd opened;
  if (path != "-") {
    opened.reset(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!opened) return failed("read", path);
  }
  const int fd = path == "-" ? STDIN_FILENO : opened.get();
  struct stat info = {};
  if (fstat(fd, &info) != 0) return failed("read", path);
  return read_all(fd, info, path, limit);
}

Result<std::string> read_regular_file(const std::string& path, std::size_t limit) {
  if (path.find('\0') != std::string::npos) return Error{"a path cannot hold a NUL"};
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat info = {};
  if (!file || fstat(file.get(), &info) != 0) return failed("read", path);
  if (!S_ISREG(info.st_mode)) return Error{"`" + path + "` is no regular file"};
  return read_all(file.get(), info, path, limit);
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

Result<StagedFile> StagedFile::write(const std::string& path, std::string content) {
  struct stat info = {};
  const bool exists = stat(path.c_str(), &info) == 0;
  if (!exists && errno != ENOENT) return failed("write", path);
  if (exists && !S_ISREG(info.st_mode)) {
    StagedFile staged(path, path);
    staged.content_ = std::move(content);
    return staged;
  }
  StagedFile staged(path, exists ? real_file(path) : missing_file(path));
  if (const Status written = staged.stage(content, exists ? &info : nullptr); !written) {
    return written.error();
  }
  return staged;
}

Result<StagedFile> StagedFile::write_new(const std::string& path, const std::string& content) {
  StagedFile staged(path, path);
  if (const Status written = staged.stage(content, nullptr); !written) return written.error();
  return staged;
}

Status StagedFile::stage(const std::string& content, const struct stat* old) {
  std::string temporary = target_ + ".XXXXXX";
  UniqueFd fd(mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd) return failed("write", path_);
  temporary_ = temporary;
  if (!write_all(fd.get(), content)) return failed("write", path_);
  const bool has_mode = old != nullptr ? copy_access(fd.get(), *old) : give_default_mode(fd.get());
  if (!has_mode || fsync(fd.get()) != 0) return failed("write", path_);
  // Some file systems report a full disk only now.
  if (close(fd.release()) != 0) return failed("write", path_);
  return ok();
}

StagedFile::StagedFile(StagedFile&& other) noexcept
    : path_(std::move(other.path_)),
      target_(std::move(other.target_)),
      temporary_(std::exchange(other.temporary_, {})),
      old_(std::exchange(other.old_, {})),
      content_(std::move(other.content_)) {}

StagedFile::~StagedFile() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

Status StagedFile::commit() {
  if (temporary_.empty()) {
    UniqueFd fd(open(target_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
    if (!fd) return failed("write", path_);
    if (!write_all(fd.get(), content_)) return failed("write", path_);
    return ok();
  }
  if (rename(temporary_.c_str(), target_.c_str()) != 0) return failed("write", path_);
  temporary_.clear();
  return ok();
}

Status StagedFile::commit_keeping_old() {
  struct stat info = {};
  if (lstat(target_.c_str(), &info) == 0) {
    if (!S_ISREG(info.st_mode)) return Error{"cannot write `" + path_ + "`: it has become no file"};
    old_ = temporary_ + '~';
    // Not every file system has links, and not every file may be linked to.
    if (link(target_.c_str(), old_.c_str()) != 0 && rename(target_.c_str(), old_.c_str()) != 0) {
      const Error error = failed("write", path_);
      old_.clear();
      return error;
    }
  }
  const Status committed = commit();
  if (!committed && !old_.empty()) take_back();
  return committed;
}

void StagedFile::take_back() {
  if (old_.empty()) {
    unlink(target_.c_str());
    return;
  }
  rename(old_.c_str(), target_.c_str());
  // Still there where both names are one file's: rename(2) does nothing then.
  drop_old();
}

void StagedFile::drop_old() {
  if (!old_.empty()) unlink(old_.c_str());
  old_.clear();
}

Status StagedFile::commit_all(std::vector<StagedFile>& files) {
  for (StagedFile& file : files) {
    if (file.is_regular()) continue;
    if (const Status committed = file.commit(); !committed) return committed;
  }
  std::vector<StagedFile*> done;
  for (StagedFile& file : files) {
    if (!file.is_regular()) continue;
    if (const Status committed = file.commit_keeping_old(); !committed) {
      for (auto last = done.rbegin(); last != done.rend(); ++last) (*last)->take_back();
      return committed;
    }
    done.push_back(&file);
  }
  for (StagedFile* file : done) file->drop_old();
  return ok();
}

}  // namespace srt
