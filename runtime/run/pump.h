#pragma once

#include <array>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <cstddef>
#include <cstdint>

#include "runtime/base/result.h"
#include "runtime/base/unique_fd.h"

namespace srt {

/// Carries bytes from one descriptor to another until the first ends or the second takes no more,
/// then closes both. Neither is made non-blocking, as whoever else has it open would be surprised;
/// a file on a disk is waited for.
class Pump {
 public:
  Pump(asio::io_context& io, UniqueFd source, UniqueFd sink);
  Pump(const Pump&) = delete;
  Pump& operator=(const Pump&) = delete;

  /// Carries while the event loop runs.
  void start();

  /// Carries the rest without the loop, which may not run meanwhile: what is in the source now, and
  /// for a source whose other ends are closed that is all. An error when the sink took not all of
  /// what was ever carried.
  Status finish();

  /// How many bytes were taken from the source and not yet given to the sink.
  std::size_t held() const { return end_ - begin_; }

 private:
  using Watched = asio::posix::stream_descriptor;

  struct End {
    UniqueFd fd;
    Watched watched;  ///< an epoll(7) of `fd` alone; not open where there is nothing to wait for
  };

  static End make_end(asio::io_context& io, UniqueFd fd, std::uint32_t event);
  void await_next();
  void carry();
  void fill();
  void drain();
  void close();

  End source_;
  End sink_;
  std::array<char, std::size_t{32} * 1024> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  int error_ = 0;
};

}  // namespace srt
