#include "proxy/server/peer.h"

#include <sys/socket.h>

#include <algorithm>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <cerrno>

namespace srt::net {

using asio::redirect_error;
using asio::use_awaitable;
using asio::ip::tcp;

namespace {

// Reads what has come; `operation_would_block` when nothing has.
std::error_code read_at_hand(Peer& peer, std::string& scratch, size_t limit) {
  scratch.resize(std::max(scratch.size(), limit));
  const ssize_t count = recv(peer.socket.native_handle(), scratch.data(), limit, MSG_DONTWAIT);
  if (count > 0) peer.unread.append(scratch, 0, static_cast<size_t>(count));
  if (count >= 0) return count > 0 ? std::error_code() : std::error_code(asio::error::eof);
  return {errno == EINTR ? EAGAIN : errno, std::system_category()};
}

}  // namespace

asio::awaitable<std::error_code> read_more(Peer& peer, std::string& scratch, Turn turn,
                                           size_t limit) {
  std::error_code error = std::make_error_code(std::errc::operation_would_block);
  if (turn == Turn::at_once) error = read_at_hand(peer, scratch, limit);
  while (error == std::errc::operation_would_block) {
    // Memory is taken when bytes are there, not while they are awaited.
    co_await peer.socket.async_wait(tcp::socket::wait_read, redirect_error(use_awaitable, error));
    if (!error) error = read_at_hand(peer, scratch, limit);
  }
  co_return error;
}

asio::awaitable<std::error_code> write(Peer& peer, std::string_view bytes) {
  std::error_code error;
  co_await asio::async_write(peer.socket, asio::buffer(bytes.data(), bytes.size()),
                             redirect_error(use_awaitable, error));
  co_return error;
}

}  // namespace srt::net
