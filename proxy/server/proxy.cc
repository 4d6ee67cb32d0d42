#include "proxy/server/proxy.h"

#include <fmt/core.h>
#include <sys/socket.h>

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>

#include "proxy/server/ares_resolver.h"
#include "proxy/server/dialer.h"
#include "proxy/server/name_server.h"
#include "proxy/server/own_addresses.h"
#include "proxy/server/proxy_state.h"
#include "proxy/server/session.h"

namespace srt::net {

namespace {

using asio::redirect_error;
using asio::use_awaitable;
using asio::ip::tcp;

// Deadlines are looked at this often: a fraction of the shortest one, within these bounds.
constexpr std::chrono::milliseconds kMinTick{10};
constexpr std::chrono::milliseconds kMaxTick{1000};

bool is_shortage(std::error_code error) {
  return error == std::errc::too_many_files_open ||
         error == std::errc::too_many_files_open_in_system || error == std::errc::no_buffer_space ||
         error == std::errc::not_enough_memory;
}

asio::awaitable<void> accept_clients(std::shared_ptr<ProxyState> state, tcp::acceptor& acceptor,
                                     std::shared_ptr<const Way> way) {
  while (!state->stopped) {
    std::error_code error;
    if (state->sessions.size() >= state->options.limits.connections) {
      state->slot_freed.expires_at(asio::steady_timer::time_point::max());
      co_await state->slot_freed.async_wait(redirect_error(use_awaitable, error));
      continue;
    }
    tcp::socket client = co_await acceptor.async_accept(redirect_error(use_awaitable, error));
    if (state->stopped) co_return;
    if (is_shortage(error)) {
      asio::steady_timer pause(state->io, kShortageTime);
      co_await pause.async_wait(redirect_error(use_awaitable, error));
      continue;
    }
    if (error) continue;  // the client has gone before it was accepted
    auto session = std::make_shared<Session>(state, std::move(client));
    asio::co_spawn(state->io, run_session(std::move(session), way), asio::detached);
  }
}

Status accept_on(const std::shared_ptr<ProxyState>& state, UniqueFd listener, Way way) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  int listens = 0;
  socklen_t listens_size = sizeof(listens);
  if (getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      getsockopt(listener.get(), SOL_SOCKET, SO_ACCEPTCONN, &listens, &listens_size) != 0) {
    return Error{fmt::format("the proxy's listener: {}", std::strerror(errno))};
  }
  const bool tcp_family = address.ss_family == AF_INET || address.ss_family == AF_INET6;
  if (!tcp_family || listens == 0) return Error{"the proxy's listener does not listen on TCP"};

  tcp::acceptor acceptor(state->io);
  std::error_code error;
  acceptor.assign(address.ss_family == AF_INET ? tcp::v4() : tcp::v6(), listener.get(), error);
  if (error) return Error{fmt::format("the proxy's listener: {}", error.message())};
  listener.release();
  // A proxy adds no delay of its own to small writes. What is accepted inherits that.
  acceptor.set_option(tcp::no_delay(true), error);
  state->acceptors.push_back(std::move(acceptor));
  asio::co_spawn(
      state->io,
      accept_clients(state, state->acceptors.back(), std::make_shared<const Way>(std::move(way))),
      asio::detached);
  return ok();
}

}  // namespace

ProxyState::ProxyState(asio::io_context& context, HostPolicy rules, ProxyOptions given)
    : io(context),
      policy(std::move(rules)),
      options(std::move(given)),
      resolver(options.resolver),
      slot_freed(context),
      clock_(context) {
  if (!options.is_own) options.is_own = leads_to_this_host;
  if (!resolver) resolver = make_ares_resolver(io, options.limits.resolve_time);
}

void ProxyState::report(const Refusal& refusal) const {
  if (options.report && !stopped) options.report(refusal);
}

void ProxyState::watch_deadlines() {
  if (clock_runs_ || stopped) return;
  clock_runs_ = true;
  const ProxyLimits& limits = options.limits;
  const auto shortest = std::min({limits.head_time, limits.idle_time, limits.tunnel_idle_time});
  clock_.expires_after(std::clamp(shortest / 4, kMinTick, kMaxTick));
  clock_.async_wait([weak = weak_from_this()](std::error_code error) {
    const std::shared_ptr<ProxyState> self = weak.lock();
    if (!error && self) self->check_deadlines();
  });
}

void ProxyState::check_deadlines() {
  clock_runs_ = false;
  const auto now = std::chrono::steady_clock::now();
  for (Session* session : sessions) session->check_deadline(now);
  if (!sessions.empty()) watch_deadlines();
}

void ProxyState::update(HostPolicy rules) {
  policy = std::move(rules);
  ++policy_number;
  last_denied.reset();
  for (Session* session : sessions) {
    if (!session->asked || !session->server) continue;
    const std::optional<Refusal> refusal = judge(*this, *session->asked, session->address);
    if (!refusal) continue;
    report(*refusal);
    session->abort();
  }
}

void ProxyState::stop() {
  stopped = true;
  std::error_code ignored;
  for (tcp::acceptor& acceptor : acceptors) acceptor.close(ignored);
  for (asio::ip::udp::socket& socket : name_servers) socket.close(ignored);
  slot_freed.cancel();
  clock_.cancel();
  for (Session* session : sessions) session->close();
}

Proxy::Proxy(asio::io_context& io, HostPolicy policy, ProxyOptions options)
    : state_(std::make_shared<ProxyState>(io, std::move(policy), std::move(options))) {}

Proxy::~Proxy() { stop(); }

Status Proxy::serve(UniqueFd listener) { return accept_on(state_, std::move(listener), {}); }

Status Proxy::serve(UniqueFd listener, ClientToken token) {
  return accept_on(state_, std::move(listener), {.token = std::move(token)});
}

Status Proxy::forward(UniqueFd listener, Host host, uint16_t port) {
  return accept_on(state_, std::move(listener),
                   {.kind = Way::Kind::forwarded, .destination = Authority{std::move(host), port}});
}

Status Proxy::capture(UniqueFd listener) {
  const std::optional<Destination> address = bound_address(listener.get());
  if (!address) return Error{"the proxy's listener has no address"};
  return accept_on(state_, std::move(listener), {.kind = Way::Kind::captured, .listener = address});
}

Status Proxy::answer_names(UniqueFd socket) { return answer_datagrams(state_, std::move(socket)); }

Status Proxy::publish(UniqueFd listener, uint16_t port, SocketMaker maker) {
  return accept_on(state_, std::move(listener),
                   {.kind = Way::Kind::published, .port = port, .maker = std::move(maker)});
}

Status Proxy::hand_over(UniqueFd listener, uint16_t port) {
  return accept_on(state_, std::move(listener), {.kind = Way::Kind::handed_over, .port = port});
}

void Proxy::update(HostPolicy policy) { state_->update(std::move(policy)); }

void Proxy::stop() { state_->stop(); }

}  // namespace srt::net
