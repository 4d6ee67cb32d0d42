#include "proxy/server/peer.h"

#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

namespace srt::net {

using asio::redirect_error;
using asio::use_awaitable;
using asio::ip::tcp;

asio::awaitable<std::error_code> read_more(Peer& peer, size_t limit) {
  std::error_code error;
  // Memory is taken when bytes are there, not while they are awaited.
  co_await peer.socket.async_wait(tcp::socket::wait_read, redirect_error(use_awaitable, error));
  if (error) co_return error;
  const size_t before = peer.unread.size();
  peer.unread.resize(before + limit);
  const size_t count = co_await peer.socket.async_read_some(
      asio::buffer(peer.unread.data() + before, limit), redirect_error(use_awaitable, error));
  peer.unread.resize(before + (error ? 0 : count));
  co_return error;
}

asio::awaitable<std::error_code> write(Peer& peer, std::string_view bytes) {
  std::error_code error;
  co_await asio::async_write(peer.socket, asio::buffer(bytes.data(), bytes.size()),
                             redirect_error(use_awaitable, error));
  co_return error;
}

}  // namespace srt::net
