#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include "proxy/server/session.h"

namespace srt::net {

namespace {

using asio::ip::tcp;

asio::awaitable<bool> connect_inwards_by(Session& session, const Way& way, tcp protocol) {
  Result<UniqueFd> made = way.maker(protocol.family());
  if (!made) co_return false;
  tcp::socket socket(session.state().io);
  std::error_code error;
  socket.assign(protocol, made->get(), error);
  if (error) co_return false;
  made->release();
  const asio::ip::address loopback = protocol == tcp::v4()
                                         ? asio::ip::address(asio::ip::address_v4::loopback())
                                         : asio::ip::address(asio::ip::address_v6::loopback());
  co_await socket.async_connect({loopback, way.port},
                                asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return false;
  socket.set_option(tcp::no_delay(true), error);
  session.server.emplace(std::move(socket));
  co_return true;
}

}  // namespace

asio::awaitable<NextStep> connect_inwards(Session& session, const Way& way) {
  session.set_deadline(session.limits().dial_time);
  bool connected = co_await connect_inwards_by(session, way, tcp::v4());
  if (!connected) connected = co_await connect_inwards_by(session, way, tcp::v6());
  if (!connected) session.abort();
  co_return connected ? NextStep::tunnel : NextStep::close;
}

}  // namespace srt::net
