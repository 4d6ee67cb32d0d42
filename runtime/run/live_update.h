#pragma once

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "runtime/base/result.h"
#include "runtime/base/unique_fd.h"

namespace srt {

/// Learns during a run that rules are to be replaced: from lines on a control descriptor, each a
/// path of a bundle, and from SIGUSR2, which stands for the bundle of the command line.
class LiveUpdate {
 public:
  using Apply = std::function<void(const std::string& path)>;
  using Fail = std::function<void(const std::string& path, const Error& error)>;

  /// `bundle` is the path of the command line.
  LiveUpdate(asio::io_context& io, std::string bundle, Apply apply, Fail fail);
  LiveUpdate(const LiveUpdate&) = delete;
  LiveUpdate& operator=(const LiveUpdate&) = delete;

  /// Listens to `signals`, which is non-blocking and can be read from when SIGUSR2 has come, and to
  /// `control` unless it is none, until that ends. `apply` and `fail` are called on the event
  /// loop's thread.
  Status start(UniqueFd control, UniqueFd signals);

  /// Ends listening; no call comes after that.
  void stop();

 private:
  void await_lines();
  bool read_lines();
  void take(std::string_view bytes);
  void await_signals();

  std::string bundle_;
  Apply apply_;
  Fail fail_;
  asio::posix::stream_descriptor control_;
  asio::posix::stream_descriptor signals_;
  std::string line_;           // what has come of a line that has not ended
  bool line_is_long_ = false;  // its rest is dropped
};

}  // namespace srt
