#include "runtime/seatbelt/run_files.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "runtime/base/file.h"
#include "runtime/base/own_directory.h"

namespace srt {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTmpName = "srt-tmp-";

Error run_error(const std::string& what) {
  return {"cannot " + what + ": " + std::strerror(errno),
          "see that `~/.cache/srt` can be written by you alone, or set `XDG_CACHE_HOME`"};
}

// Holds the lock while it is open; nothing where another process does. With `wait` that is waited
// for.
UniqueFd locked(const std::string& path, bool wait) {
  UniqueFd file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  const int how = wait ? LOCK_EX : LOCK_EX | LOCK_NB;
  while (file && flock(file.get(), how) != 0) {
    if (errno != EINTR) return {};
  }
  return file;
}

// A command can have left anything in it; no link is followed. What cannot be removed stays.
void remove_tree(const fs::path& path) {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

void remove_run(const fs::path& directory) {
  std::error_code failure;
  const fs::path tmp = fs::read_symlink(directory / "tmp", failure);
  if (!failure && tmp.filename().string().starts_with(kTmpName)) remove_tree(tmp);
  remove_tree(directory);
}

// Nobody makes a run's directory meanwhile: the lock on all of them is held.
void remove_dead_runs(const fs::path& runs) {
  std::error_code failure;
  for (const fs::directory_entry& entry : fs::directory_iterator(runs, failure)) {
    if (!entry.is_directory(failure) || entry.is_symlink(failure)) continue;
    if (locked(entry.path() / "alive", false)) remove_run(entry.path());
  }
}

bool is_directory(const std::string& path) {
  struct stat info = {};
  return !path.empty() && path[0] == '/' && stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

}  // namespace

RunFiles::RunFiles(std::string directory, std::string shared_tmp, UniqueFd lock)
    : directory_(std::move(directory)),
      shared_tmp_(std::move(shared_tmp)),
      lock_(std::move(lock)) {}

RunFiles::RunFiles(RunFiles&& other) noexcept
    : directory_(std::exchange(other.directory_, {})),
      shared_tmp_(std::move(other.shared_tmp_)),
      private_tmp_(std::move(other.private_tmp_)),
      lock_(std::move(other.lock_)) {}

RunFiles::~RunFiles() {
  if (!directory_.empty()) remove_run(directory_);
}

Result<RunFiles> RunFiles::make(const Caller& caller) {
  const std::optional<std::string> cache = cache_directory(caller);
  if (!cache) {
    return Error{"there is no place for the profile: neither `XDG_CACHE_HOME` nor `HOME` is set",
                 "set one of them"};
  }
  const std::string runs = *cache + "/runs";
  if (!make_own_directory(*cache) || !make_own_directory(runs)) {
    return Error{"`" + runs + "` is not yours alone to write",
                 "remove it, or set `XDG_CACHE_HOME` to a directory of yours"};
  }
  const UniqueFd all = locked(runs + "/lock", true);
  if (!all) return run_error("lock `" + runs + "`");
  remove_dead_runs(runs);
  std::string directory = runs + "/XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) return run_error("make a directory in `" + runs + "`");
  UniqueFd lock = locked(directory + "/alive", false);
  if (!lock) return run_error("lock `" + directory + "`");
  const std::string tmp = caller.variable("TMPDIR").value_or("");
  return RunFiles(std::move(directory), is_directory(tmp) ? tmp : "/tmp", std::move(lock));
}

Result<std::string> RunFiles::write_profile(const std::string& text) const {
  const std::string path = directory_ + "/profile.sb";
  const UniqueFd file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file || !write_all(file.get(), text)) return run_error("write `" + path + "`");
  return path;
}

Result<std::string> RunFiles::private_tmp() {
  if (!private_tmp_.empty()) return private_tmp_;
  std::string made = shared_tmp_ + '/' + std::string(kTmpName) + "XXXXXX";
  if (mkdtemp(made.data()) == nullptr) {
    return Error{
        "cannot make a temporary directory in `" + shared_tmp_ + "`: " + std::strerror(errno),
        "set `TMPDIR` to a directory that you can write"};
  }
  // Before anything else, so that it is found by whoever cleans up.
  std::error_code failure;
  private_tmp_ = fs::canonical(made, failure).string();
  if (!failure) fs::create_symlink(private_tmp_, directory_ + "/tmp", failure);
  if (failure) {
    remove_tree(made);
    return Error{"cannot note the temporary directory: " + failure.message()};
  }
  return private_tmp_;
}

}  // namespace srt
