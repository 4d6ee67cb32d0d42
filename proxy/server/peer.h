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

/// Reads at least one byte, at most `limit`, and appends what came to `peer.unread`.
asio::awaitable<std::error_code> read_more(Peer& peer, size_t limit = kReadBytes);

/// Writes all of `bytes`, which must stay alive until then.
asio::awaitable<std::error_code> write(Peer& peer, std::string_view bytes);

}  // namespace srt::net
