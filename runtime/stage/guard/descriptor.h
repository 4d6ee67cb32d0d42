#pragma once

#include "runtime/stage/system_call.h"

namespace srt::guard {

/// Owns a descriptor; negative for none, which then is the -errno of what was to open it.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(long fd) : fd_(static_cast<int>(fd)) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      close();
      fd_ = other.fd_;
      other.fd_ = -1;
    }
    return *this;
  }
  ~Descriptor() { close(); }

  explicit operator bool() const { return fd_ >= 0; }
  int get() const { return fd_; }
  long error() const { return fd_; }

 private:
  void close() {
    if (fd_ >= 0) stage::system_call(SYS_close, fd_);
  }

  int fd_ = -1;
};

}  // namespace srt::guard
