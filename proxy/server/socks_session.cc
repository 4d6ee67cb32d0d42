#include <asio/use_awaitable.hpp>
#include <utility>

#include "proxy/server/dialer.h"
#include "proxy/server/session.h"
#include "proxy/server/socks.h"

namespace srt::net {

namespace {

// Reads a message of the client with one of the readers of socks.h; none when the connection ended
// first.
template <typename Value>
asio::awaitable<std::optional<Result<Value>>> read_message(Session& session,
                                                           Result<Value> (*parse)(std::string_view,
                                                                                  size_t&)) {
  while (true) {
    size_t length = 0;
    Result<Value> value = parse(session.client.unread, length);
    if (!value || length > 0) {
      session.client.unread.erase(0, length);
      co_return value;
    }
    if (co_await session.read_more(session.client)) co_return std::nullopt;
  }
}

asio::awaitable<NextStep> refuse(Session& session, SocksReply code) {
  const std::string reply = socks_request_reply(code);
  co_await session.write(session.client, reply);
  co_await session.close_gently();
  co_return NextStep::close;
}

asio::awaitable<NextStep> refuse(Session& session, Refusal refusal) {
  session.state().report(refusal);
  co_return co_await refuse(session, socks_reply(refusal.kind));
}

// Agrees on a method and logs the client in. False when the connection is to end.
asio::awaitable<bool> greet(Session& session, const ClientToken* token) {
  const auto greeting = co_await read_message(session, parse_socks_greeting);
  if (!greeting || !*greeting) co_return false;
  const SocksMethod method = choose_socks_method(**greeting, token != nullptr);
  const std::string reply = socks_method_reply(method);
  if (co_await session.write(session.client, reply)) co_return false;
  if (method == SocksMethod::none) co_return true;
  if (method == SocksMethod::unacceptable) co_return false;
  const auto login = co_await read_message(session, parse_socks_login);
  if (!login || !*login) co_return false;
  const bool accepted = token == nullptr || token->accepts((*login)->user, (*login)->password);
  const std::string answer = socks_login_reply(accepted);
  const std::error_code error = co_await session.write(session.client, answer);
  co_return accepted && !error;
}

}  // namespace

asio::awaitable<NextStep> serve_socks(Session& session, const ClientToken* token) {
  // One deadline for all of the handshake: it was set when the connection was accepted.
  if (!co_await greet(session, token)) {
    co_await session.close_gently();
    co_return NextStep::close;
  }
  const auto request = co_await read_message(session, parse_socks_request);
  if (!request) co_return NextStep::close;
  if (!*request) {
    Refusal malformed = bad_request(request->error());
    co_return co_await refuse(session, std::move(malformed));
  }
  if ((*request)->command != SocksCommand::connect) {
    co_return co_await refuse(session, SocksReply::command_not_supported);
  }
  Result<Host> host = canonical_host((*request)->host);
  if (!host) {
    // The policy cannot allow what is not a name.
    Refusal refusal{RefusalKind::blocked, "", host.error().message, host.error().help};
    co_return co_await refuse(session, std::move(refusal));
  }
  const Authority target{*std::move(host), (*request)->port};
  if (std::optional<Refusal> refusal = judge(session.state(), target)) {
    co_return co_await refuse(session, *std::move(refusal));
  }
  session.clear_deadline();
  Dialed dialed = co_await dial(session.state(), target);
  if (auto* refusal = std::get_if<Refusal>(&dialed)) {
    co_return co_await refuse(session, std::move(*refusal));
  }
  auto& route = std::get<Route>(dialed);
  session.server.emplace(std::move(route.peer));
  session.address = route.address;
  session.asked = target;
  session.set_deadline(session.limits().idle_time);
  const std::string reply = socks_request_reply(SocksReply::succeeded);
  if (co_await session.write(session.client, reply)) co_return NextStep::close;
  co_return NextStep::tunnel;
}

}  // namespace srt::net
