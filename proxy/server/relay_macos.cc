#include <algorithm>
#include <array>
#include <asio/co_spawn.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <exception>
#include <memory>

#include "proxy/server/relay.h"
#include "proxy/server/session.h"

namespace srt::net {

namespace {

using asio::redirect_error;
using asio::use_awaitable;
using asio::ip::tcp;

using Buffer = std::array<char, size_t{64} * 1024>;

asio::awaitable<Transfer> move_bytes(Session& session, tcp::socket& source, tcp::socket& sink,
                                     uint64_t limit, std::chrono::milliseconds idle_time) {
  Transfer result;
  const auto buffer = std::make_unique<Buffer>();
  while (result.moved < limit) {
    session.set_deadline(idle_time);
    const auto wanted =
        static_cast<size_t>(std::min<uint64_t>(limit - result.moved, buffer->size()));
    std::error_code error;
    const size_t count = co_await source.async_read_some(asio::buffer(*buffer, wanted),
                                                         redirect_error(use_awaitable, error));
    if (error) {
      result.source_failed = error != asio::error::eof;
      break;
    }
    co_await asio::async_write(sink, asio::buffer(*buffer, count),
                               redirect_error(use_awaitable, error));
    if (error) {
      result.sink_failed = true;
      break;
    }
    result.moved += count;
  }
  co_return result;
}

asio::awaitable<void> one_direction(Session& session, tcp::socket& source, tcp::socket& sink) {
  const Transfer result =
      co_await move_bytes(session, source, sink, kUntilEnd, session.limits().tunnel_idle_time);
  if (result.source_failed || result.sink_failed) {
    session.abort();
    co_return;
  }
  std::error_code ignored;
  sink.shutdown(tcp::socket::shutdown_send, ignored);
}

}  // namespace

asio::awaitable<Transfer> transfer(Session& session, tcp::socket& source, tcp::socket& sink,
                                   uint64_t limit) {
  return move_bytes(session, source, sink, limit, session.limits().idle_time);
}

asio::awaitable<void> tunnel(Session& session, asio::awaitable<bool> admission) {
  asio::io_context& io = session.state().io;
  asio::steady_timer server_ended(io, asio::steady_timer::time_point::max());
  bool ended = false;
  asio::co_spawn(io, one_direction(session, session.server->socket, session.client.socket),
                 [&](const std::exception_ptr&) {
                   ended = true;
                   server_ended.cancel();
                 });
  const bool admitted = co_await std::move(admission);
  if (admitted) co_await one_direction(session, session.client.socket, session.server->socket);
  while (!ended) {
    std::error_code ignored;
    co_await server_ended.async_wait(redirect_error(use_awaitable, ignored));
  }
}

}  // namespace srt::net
