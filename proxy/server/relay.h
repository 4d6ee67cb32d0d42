#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "runtime/base/unique_fd.h"

namespace srt::net {

class Session;

/// A pipe through which bytes pass from one socket to another without leaving the kernel.
struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

/// Keeps emptied pipes for the next relay, so that a relay holds one only while bytes are in it.
class PipePool {
 public:
  /// An empty pipe, as large as the system lets us make it; none when descriptors ran out.
  std::optional<Pipe> take();

  /// Takes an empty pipe back.
  void give(Pipe pipe);

 private:
  std::vector<Pipe> idle_;
};

/// How a transfer ended. Neither flag is set when the source ended or the limit was reached.
struct Transfer {
  uint64_t moved = 0;
  bool source_failed = false;
  bool sink_failed = false;
};

constexpr uint64_t kUntilEnd = std::numeric_limits<uint64_t>::max();

/// Moves bytes from one socket of `session` to the other until the source ends or `limit` bytes
/// were moved. Renews the session's deadline as they move.
///
/// On Linux writing through splice(2) raises SIGPIPE when the peer is gone: the process must ignore
/// that signal.
asio::awaitable<Transfer> transfer(Session& session, asio::ip::tcp::socket& source,
                                   asio::ip::tcp::socket& sink, uint64_t limit);

/// Joins the client and the server of `session` until both directions have ended. An end is passed
/// on as such, so each direction can end before the other; a failure of either side resets both.
/// The server is heard at once, the client from when `admission` has ended, not at all when with
/// false.
asio::awaitable<void> tunnel(Session& session, asio::awaitable<bool> admission);

}  // namespace srt::net
