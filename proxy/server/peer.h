#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <string>
#include <string_view>
#include <system_error>

namespace srt::net {

/// A socket and the bytes that were read from it and not yet used.
struct Peer {
  explicit Peer(asio::ip::tcp::socket connected) : socket(std::move(connected)) {}

  asio::ip::tcp::socket socket;
  std::string unread = {};
};

/// Bytes that one read takes at most; bodies that are longer go through `transfer`.
constexpr size_t kReadBytes = size_t{16} * 1024;

/// Whether bytes that have come already are read without a turn of the event loop.
enum class Turn : unsigned char { at_once, waits };

/// Reads at least one byte, at most `limit`, and appends what came to `peer.unread`. `scratch` is
/// where bytes are read to before it is known how many there are; all peers can share one.
asio::awaitable<std::error_code> read_more(Peer& peer, std::string& scratch, Turn turn,
                                           size_t limit = kReadBytes);

/// Writes all of `bytes`, which must stay alive until then.
asio::awaitable<std::error_code> write(Peer& peer, std::string_view bytes);

}  // namespace srt::net
