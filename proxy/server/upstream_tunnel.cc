#include <fmt/core.h>

#include <asio/steady_timer.hpp>
#include <memory>

#include "proxy/hosts/quote.h"
#include "proxy/server/dialer.h"
#include "proxy/server/http.h"
#include "proxy/server/proxy_state.h"

namespace srt::net {

namespace {

// Cancels what a socket waits for once the time has passed, as long as this object lives.
class Deadline {
 public:
  Deadline(asio::io_context& io, std::chrono::milliseconds time, asio::ip::tcp::socket& socket)
      : timer_(io), socket_(std::make_shared<asio::ip::tcp::socket*>(&socket)) {
    timer_.expires_after(time);
    timer_.async_wait([weak = std::weak_ptr(socket_)](std::error_code error) {
      const auto alive = weak.lock();
      std::error_code ignored;
      if (!error && alive) (*alive)->cancel(ignored);
    });
  }

 private:
  asio::steady_timer timer_;
  std::shared_ptr<asio::ip::tcp::socket*> socket_;
};

std::string tunnel_request(const Upstream& upstream, const Authority& target) {
  const std::string authority = to_authority(target.host, target.port);
  std::string request = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n", authority);
  if (!upstream.authorization.empty()) {
    request += fmt::format("Proxy-Authorization: {}\r\n", upstream.authorization);
  }
  return request + "\r\n";
}

// What is wrong with its answer to such a request.
std::optional<std::string> judge_answer(const Upstream& upstream, std::string_view text,
                                        bool& is_interim) {
  const Result<ResponseHead> head = parse_response_head(text);
  if (!head) return "does not answer in HTTP";
  is_interim = head->status < 200;
  if (head->status < 300) return std::nullopt;
  if (head->status == kProxyAuthenticationRequired) {
    return std::string(credentials_problem(upstream));
  }
  return fmt::format("answered {}", quote(fmt::format("{} {}", head->status, head->reason)));
}

}  // namespace

asio::awaitable<std::optional<std::string>> open_upstream_tunnel(ProxyState& state, Peer& peer,
                                                                 const Authority& target) {
  const Upstream& upstream = *state.options.upstream;
  const ProxyLimits& limits = state.options.limits;
  const Deadline deadline(state.io, limits.dial_time, peer.socket);
  const std::string request = tunnel_request(upstream, target);
  if (co_await write(peer, request)) co_return "closed the connection";
  for (size_t scanned = 0;;) {
    const Result<size_t> length = head_length(peer.unread, scanned);
    if (!length || peer.unread.size() > limits.head_bytes) co_return "does not answer in HTTP";
    if (*length == 0) {
      const std::error_code error = co_await read_more(peer, state.scratch, Turn::waits);
      if (error == asio::error::operation_aborted) co_return "does not answer";
      if (error) co_return "closed the connection";
      continue;
    }
    bool is_interim = false;
    const std::string head = peer.unread.substr(0, *length);
    const std::optional<std::string> failure = judge_answer(upstream, head, is_interim);
    peer.unread.erase(0, *length);
    scanned = 0;
    if (failure || !is_interim) co_return failure;
  }
}

}  // namespace srt::net
