#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "runtime/base/file.h"

namespace srt::test {

/// What this process writes to descriptor `fd` while the object lives.
class Captured {
 public:
  explicit Captured(int fd) : fd_(fd), before_(dup(fd)), text_(memfd_create("captured", 0)) {
    std::fflush(nullptr);
    dup2(text_, fd_);
  }
  Captured(const Captured&) = delete;
  Captured& operator=(const Captured&) = delete;
  ~Captured() {
    std::fflush(nullptr);
    dup2(before_, fd_);
    close(before_);
    close(text_);
  }

  std::string text() const {
    std::fflush(nullptr);
    return read_file("/proc/self/fd/" + std::to_string(text_), 1 << 20).value();
  }

 private:
  int fd_;
  int before_;
  int text_;
};

}  // namespace srt::test
