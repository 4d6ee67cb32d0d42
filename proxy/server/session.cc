#include "proxy/server/session.h"

#include <sys/socket.h>

#include <asio/use_awaitable.hpp>

#include "proxy/server/dialer.h"
#include "proxy/server/send_before_end.h"
#include "proxy/server/socks.h"

namespace srt::net {

namespace {

using asio::ip::tcp;

// How long, and for how many bytes, a client that was answered may go on sending.
constexpr std::chrono::milliseconds kCloseTime = std::chrono::seconds(2);
constexpr size_t kCloseBytes = size_t{1024} * 1024;

}  // namespace

Session::Session(std::shared_ptr<ProxyState> shared, tcp::socket connected)
    : client(std::move(connected)),
      state_(std::move(shared)),
      place_(state_->sessions.insert(state_->sessions.end(), this)) {
  state_->watch_deadlines();
}

Session::~Session() {
  state_->sessions.erase(place_);
  state_->slot_freed.cancel();
}

void Session::set_deadline(std::chrono::milliseconds from_now) {
  deadline_ = std::chrono::steady_clock::now() + from_now;
}

void Session::clear_deadline() { deadline_ = std::chrono::steady_clock::time_point::max(); }

void Session::check_deadline(std::chrono::steady_clock::time_point now) {
  if (now < deadline_) return;
  // The deadline stays, and this comes again at the next tick: a wait that has just ended, its
  // handler still to run, is past cancelling, and the next one begins before anybody looks.
  std::error_code ignored;
  client.socket.cancel(ignored);
  if (server) server->socket.cancel(ignored);
}

asio::awaitable<std::error_code> Session::read_more(Peer& peer, size_t limit) {
  // A server's answer has to take its turn behind what passes the request on.
  const Turn turn = &peer == &client ? Turn::at_once : Turn::waits;
  return net::read_more(peer, state_->scratch, turn, limit);
}

asio::awaitable<std::error_code> Session::write(Peer& peer, std::string_view bytes) {
  return net::write(peer, bytes);
}

asio::awaitable<std::error_code> Session::write_last(std::string_view bytes) {
  const size_t sent = send_before_end(client.socket.native_handle(), bytes);
  std::error_code error;
  if (sent < bytes.size()) error = co_await write(client, bytes.substr(sent));
  co_return error;
}

bool Session::client_is_silent() {
  char byte = 0;
  return client.unread.empty() &&
         recv(client.socket.native_handle(), &byte, sizeof(byte), MSG_PEEK | MSG_DONTWAIT) < 0;
}

asio::awaitable<void> Session::close_gently() {
  std::error_code ignored;
  if (server) server->socket.close(ignored);
  client.socket.shutdown(tcp::socket::shutdown_send, ignored);
  set_deadline(kCloseTime);
  for (size_t discarded = 0; discarded < kCloseBytes; discarded += client.unread.size()) {
    client.unread.clear();
    if (co_await read_more(client)) break;
  }
  client.socket.close(ignored);
}

void Session::abort() {
  std::error_code ignored;
  client.socket.set_option(asio::socket_base::linger(true, 0), ignored);
  if (server) server->socket.set_option(asio::socket_base::linger(true, 0), ignored);
  close();
}

void Session::close() {
  std::error_code ignored;
  client.socket.close(ignored);
  if (server) server->socket.close(ignored);
}

namespace {

// Nothing tells a client of no protocol why it is refused but the end of its connection.
asio::awaitable<NextStep> take_way(Session& session, Dialed dialed) {
  if (auto* route = std::get_if<Route>(&dialed)) {
    session.server.emplace(std::move(route->peer));
    session.address = route->address;
    session.set_deadline(session.limits().idle_time);
    co_return NextStep::tunnel;
  }
  session.state().report(std::get<Refusal>(dialed));
  session.abort();
  co_return NextStep::close;
}

}  // namespace

asio::awaitable<NextStep> connect_to(Session& session, Authority target) {
  Dialed dialed = Refusal{};
  if (std::optional<Refusal> refusal = judge(session.state(), target)) {
    dialed = *std::move(refusal);
  } else {
    dialed = co_await dial(session.state(), target);
  }
  session.asked = std::move(target);
  co_return co_await take_way(session, std::move(dialed));
}

namespace {

// The first byte tells the protocol.
asio::awaitable<NextStep> serve_asking(Session& session, const ClientToken* token) {
  session.set_deadline(session.limits().head_time);
  NextStep next = NextStep::close;
  const std::error_code error = co_await session.read_more(session.client);
  if (error) co_return next;
  if (session.client.unread.front() == kSocksVersion) {
    next = co_await serve_socks(session, token);
  } else {
    next = co_await serve_http(session, token);
  }
  co_return next;
}

// GCC 12 makes wrong code of `co_return co_await` behind a condition, so each result has a name.
asio::awaitable<NextStep> first_step(Session& session, std::shared_ptr<const Way> way) {
  NextStep next = NextStep::close;
  if (way->kind == Way::Kind::forwarded) {
    next = co_await connect_to(session, *way->destination);
    co_return next;
  }
  if (way->kind == Way::Kind::handed_over) {
    Dialed dialed = co_await dial_loopback(session.state(), way->port);
    next = co_await take_way(session, std::move(dialed));
    co_return next;
  }
  if (way->kind == Way::Kind::published) {
    next = co_await connect_inwards(session, *way);
    co_return next;
  }
  std::optional<Destination> wanted;
  if (way->kind == Way::Kind::captured) {
    wanted = original_destination(session.client.socket.native_handle(), *way->listener);
    if (!wanted) co_return next;
  }
  // The listener's own clients are no others' captured ones.
  if (wanted && wanted != way->listener) {
    next = co_await serve_captured(session, *wanted);
  } else {
    next = co_await serve_asking(session, way->token ? &*way->token : nullptr);
  }
  co_return next;
}

// Of a client from outside there is nothing to hold to the policy.
asio::awaitable<bool> admit(Session& session) {
  bool admitted = true;
  if (session.asked) admitted = co_await pass_first_bytes(session);
  co_return admitted;
}

}  // namespace

asio::awaitable<void> run_session(std::shared_ptr<Session> session,
                                  std::shared_ptr<const Way> way) {
  const NextStep next = co_await first_step(*session, std::move(way));
  if (next == NextStep::tunnel) {
    // What the server has said behind the head of its protocol.
    const std::string unread = std::exchange(session->server->unread, {});
    session->set_deadline(session->limits().tunnel_idle_time);
    if (unread.empty() || !co_await session->write(session->client, unread)) {
      co_await tunnel(*session, admit(*session));
    }
  }
  session->close();
}

}  // namespace srt::net
