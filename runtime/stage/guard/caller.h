#pragma once

#include <fcntl.h>
#include <linux/limits.h>

#include <cstdint>

#include "runtime/stage/guard/descriptor.h"
#include "runtime/stage/guard/text.h"

namespace srt::guard {

/// A path with its end mark, as long as the kernel takes one.
using PathText = Text<PATH_MAX>;

/// The thread that waits for an answer, seen through /proc. All of it may be another thread's by
/// the time it is looked at: an answer counts only if `is_waiting` afterwards.
class Caller {
 public:
  /// `own_descriptors` is open on /proc/self/fd.
  Caller(int listener, int own_descriptors, std::uint64_t notification, std::uint32_t thread)
      : listener_(listener),
        own_descriptors_(own_descriptors),
        notification_(notification),
        thread_(thread) {}

  std::uint32_t thread() const { return thread_; }
  int own_descriptors() const { return own_descriptors_; }
  std::uint64_t notification() const { return notification_; }

  bool is_waiting() const;

  /// Reads the string at `address`; 0 or -errno, -ENAMETOOLONG for one that no path can be.
  long read_path(std::uint64_t address, PathText& path) const;
  /// Reads `size` bytes at `address`; 0 or -errno.
  long read_bytes(std::uint64_t address, void* to, std::size_t size) const;

  /// The directory that relative paths start from with `directory` as the first argument of an
  /// `at` call, open with O_PATH.
  Descriptor base(int directory) const { return object(directory, O_DIRECTORY); }
  /// Likewise whatever the empty path means there; `flags` are added to those of open(2).
  Descriptor object(int directory, int flags = 0) const;
  /// The caller's own descriptor `fd`, shared.
  Descriptor share(int fd) const;

  /// Path of its program; empty where it cannot be told.
  PathText program() const;
  /// Its umask, or -errno.
  long umask() const;
  /// Number of its controlling terminal as in stat(2), 0 for none.
  std::uint32_t terminal() const;

 private:
  int listener_;
  int own_descriptors_;
  std::uint64_t notification_;
  std::uint32_t thread_;
};

/// Holds CAP_SYS_PTRACE effective while it lives: what the caller may do with itself is then
/// possible with a caller that others may not look at. Never to be held while a call is performed.
class Insight {
 public:
  Insight();
  ~Insight();
  Insight(const Insight&) = delete;
  Insight& operator=(const Insight&) = delete;
};

/// Takes CAP_SYS_PTRACE out of effect, where Insight brings it back from, and out of the reach of
/// all that is executed from here on, for which it takes CAP_SETPCAP, gone too then. 0 or -errno.
long hide_insight();
/// Gives it up for good. 0 or -errno.
long give_up_insight();

}  // namespace srt::guard
