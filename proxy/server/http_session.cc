#include <fmt/core.h>
#include <sys/socket.h>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <variant>

#include "proxy/server/dialer.h"
#include "proxy/server/http_forward.h"
#include "proxy/server/session.h"

namespace srt::net {

namespace {

using asio::ip::tcp;

constexpr int kSwitchingProtocols = 101;

// Responses that one request may get ahead of the final one. Each renews the time that the server
// has. Clients in use give up after five (Go), or 300 KB of them (curl).
constexpr int kMaxInterim = 100;

// A head that was read; what is wrong with it; or that the connection ended or fell silent.
using HeadRead = std::variant<std::string, Refusal, std::error_code>;

// What becomes of the client's connection after a request.
enum class Outcome : uint8_t {
  keep,    // it waits for the next one
  close,   // it ends, its last response arrives
  done,    // likewise, and the client has announced that it sends no more
  abort,   // it ends in the middle of a response, which must show
  tunnel,  // it has become a tunnel
  retry,   // nothing was answered; the request can be sent on another connection
};

enum class BodyEnd : uint8_t { complete, source_failed, sink_failed, malformed };

// A request on its way to the server and back. Its two halves run at once, as a server may answer
// before it has the whole request.
struct Exchange {
  ForwardRequest request;
  // Whether the connection to the server has carried a request before.
  bool reused = false;

  // Of the half that sends the request.
  BodyEnd body_end = BodyEnd::complete;
  bool sent = false;
  Error body_error = {};

  // Of the half that passes the response on.
  Outcome outcome = Outcome::close;
};

class HttpSession {
 public:
  HttpSession(Session& session, const ClientToken* token)
      : session_(session), token_(token), known_(token == nullptr) {}

  asio::awaitable<NextStep> serve();

 private:
  asio::awaitable<HeadRead> read_head(Peer& peer);
  bool knows_token(const HttpFields& fields);
  asio::awaitable<Outcome> refuse(Refusal refusal, bool keep, bool head_only);
  asio::awaitable<Outcome> answer(Refusal refusal, bool keep, bool head_only);
  asio::awaitable<Outcome> serve_connect(const RequestHead& head);
  asio::awaitable<Outcome> serve_request(RequestHead head);
  asio::awaitable<std::optional<Refusal>> reach(const Authority& target, Traffic traffic,
                                                bool& reused);
  asio::awaitable<void> send_request(Exchange& exchange);
  asio::awaitable<void> pass_response(Exchange& exchange);
  asio::awaitable<Outcome> response_failed(Exchange& exchange, RefusalKind kind, Error error);
  asio::awaitable<Outcome> pass_final_response(Exchange& exchange, const ResponseHead& head);
  asio::awaitable<BodyEnd> relay_message(Peer& from, Peer& to, std::string head, BodyFraming body,
                                         Error& error);
  asio::awaitable<BodyEnd> relay_chunked(Peer& from, Peer& to, std::string pending, Error& error);
  bool server_is_open();

  Session& session_;
  const ClientToken* token_;
  // Whether the client is the command's: what others ask for is no news to the caller.
  bool known_;
  // What `session_.server` is connected to, and whether by an upstream proxy that takes requests.
  std::optional<Authority> connected_;
  bool absolute_form_ = false;
};

asio::awaitable<NextStep> HttpSession::serve() {
  while (true) {
    HeadRead read = co_await read_head(session_.client);
    if (std::holds_alternative<std::error_code>(read)) co_return NextStep::close;

    Outcome outcome = Outcome::close;
    if (auto* refusal = std::get_if<Refusal>(&read)) {
      outcome = co_await refuse(std::move(*refusal), false, false);
    } else {
      Result<RequestHead> head = parse_request_head(std::get<std::string>(read));
      if (!head) {
        Refusal malformed = bad_request(head.error());
        outcome = co_await refuse(std::move(malformed), false, false);
      } else if (!knows_token(head->fields)) {
        Refusal unknown = not_authenticated();
        outcome = co_await answer(std::move(unknown), false, head->method == "HEAD");
      } else if (head->method == "CONNECT") {
        outcome = co_await serve_connect(*head);
      } else {
        outcome = co_await serve_request(*std::move(head));
      }
    }
    switch (outcome) {
      case Outcome::keep:
        continue;
      case Outcome::tunnel:
        co_return NextStep::tunnel;
      case Outcome::abort:
        session_.abort();
        co_return NextStep::close;
      case Outcome::done:
        if (session_.client_is_silent()) co_return NextStep::close;
        [[fallthrough]];
      case Outcome::close:
      case Outcome::retry:
        co_await session_.close_gently();
        co_return NextStep::close;
    }
  }
}

asio::awaitable<HeadRead> HttpSession::read_head(Peer& peer) {
  const ProxyLimits& limits = session_.limits();
  const bool from_client = &peer == &session_.client;
  session_.set_deadline(from_client && !peer.unread.empty() ? limits.head_time : limits.idle_time);
  for (size_t scanned = 0;;) {
    const Result<size_t> length = head_length(peer.unread, scanned);
    if (!length) co_return bad_request(length.error());
    if (*length > limits.head_bytes || (*length == 0 && peer.unread.size() > limits.head_bytes)) {
      co_return Refusal{RefusalKind::head_too_large, "",
                        fmt::format("the head is longer than {} bytes", limits.head_bytes)};
    }
    if (*length > 0) {
      std::string head = peer.unread.substr(0, *length);
      peer.unread.erase(0, *length);
      co_return head;
    }
    const bool first = peer.unread.empty();
    if (const std::error_code error = co_await session_.read_more(peer)) co_return error;
    if (first && from_client) session_.set_deadline(limits.head_time);
  }
}

bool HttpSession::knows_token(const HttpFields& fields) {
  if (token_ != nullptr) known_ = token_->accepts(fields);
  return known_;
}

asio::awaitable<Outcome> HttpSession::refuse(Refusal refusal, bool keep, bool head_only) {
  if (known_) session_.state().report(refusal);
  co_return co_await answer(std::move(refusal), keep, head_only);
}

asio::awaitable<Outcome> HttpSession::answer(Refusal refusal, bool keep, bool head_only) {
  const std::string response = http_response(refusal, !keep, head_only);
  session_.set_deadline(session_.limits().idle_time);
  const std::error_code error = co_await session_.write(session_.client, response);
  if (error) co_return Outcome::abort;
  co_return keep ? Outcome::keep : Outcome::close;
}

asio::awaitable<Outcome> HttpSession::serve_connect(const RequestHead& head) {
  std::optional<Refusal> refusal;
  const Result<Authority> target = parse_authority(head.target, std::nullopt);
  if (!target) {
    refusal = bad_request(target.error());
  } else if (const Result<bool> agrees = host_field_agrees(head, *target, target->port); !agrees) {
    refusal = bad_request(agrees.error());
  } else if (!*agrees) {
    refusal = misdirected(target->host, target->port);
  } else if (head.fields.count("Content-Length") + head.fields.count("Transfer-Encoding") > 0) {
    refusal = bad_request({"a CONNECT request announces a body"});
  } else {
    refusal = judge(session_.state(), *target);
  }
  bool reused = false;
  if (!refusal) refusal = co_await reach(*target, Traffic::any, reused);
  // Not kept open: the client may have begun to speak to the server.
  if (refusal) co_return co_await refuse(*std::move(refusal), false, false);

  constexpr std::string_view kEstablished = "HTTP/1.1 200 Connection established\r\n\r\n";
  session_.set_deadline(session_.limits().idle_time);
  const std::error_code error = co_await session_.write(session_.client, kEstablished);
  co_return error ? Outcome::abort : Outcome::tunnel;
}

// Connects to `target`, unless the connection of the last request leads there and is still open.
asio::awaitable<std::optional<Refusal>> HttpSession::reach(const Authority& target, Traffic traffic,
                                                           bool& reused) {
  const bool fits = traffic == Traffic::http_requests || !absolute_form_;
  reused = connected_ == target && fits && server_is_open();
  if (reused) co_return std::nullopt;
  session_.server.reset();
  connected_.reset();
  session_.clear_deadline();
  Dialed dialed = co_await dial(session_.state(), target, traffic);
  if (auto* refusal = std::get_if<Refusal>(&dialed)) co_return std::move(*refusal);
  auto& route = std::get<Route>(dialed);
  session_.server.emplace(std::move(route.peer));
  session_.asked = target;
  session_.address = route.address;
  absolute_form_ = route.absolute_form;
  connected_ = target;
  co_return std::nullopt;
}

// False once the server has ended the connection, or has sent what nobody asked for.
bool HttpSession::server_is_open() {
  if (!session_.server || !session_.server->unread.empty()) return false;
  char byte = 0;
  const ssize_t count =
      recv(session_.server->socket.native_handle(), &byte, sizeof(byte), MSG_PEEK | MSG_DONTWAIT);
  return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

asio::awaitable<Outcome> HttpSession::serve_request(RequestHead head) {
  using namespace asio::experimental::awaitable_operators;

  const bool head_only = head.method == "HEAD";
  auto checked = check_forward_request(std::move(head));
  if (auto* refusal = std::get_if<Refusal>(&checked)) {
    co_return co_await refuse(std::move(*refusal), false, head_only);
  }
  auto& request = std::get<ForwardRequest>(checked);
  const Authority target = request.target.authority;
  // The body of a refused request is not read.
  const bool bodiless = request.body.kind == BodyFraming::Kind::none;
  const bool keep = request.keep_alive && bodiless;

  // Upstream proxies rarely pass an upgrade on; through a tunnel they need not know.
  const Traffic traffic = request.upgrade ? Traffic::any : Traffic::http_requests;
  Exchange exchange{std::move(request)};
  while (true) {
    std::optional<Refusal> refusal = judge(session_.state(), target);
    if (!refusal) refusal = co_await reach(target, traffic, exchange.reused);
    if (refusal) co_return co_await refuse(*std::move(refusal), keep, head_only);

    if (bodiless) {
      co_await send_request(exchange);
      co_await pass_response(exchange);
    } else {
      co_await (send_request(exchange) && pass_response(exchange));
    }
    if (exchange.outcome != Outcome::retry) co_return exchange.outcome;
    connected_.reset();
  }
}

asio::awaitable<void> HttpSession::send_request(Exchange& exchange) {
  const auto& upstream = session_.state().options.upstream;
  std::string head = forwarded_head(exchange.request, absolute_form_ ? &*upstream : nullptr);
  exchange.body_end = co_await relay_message(session_.client, *session_.server, std::move(head),
                                             exchange.request.body, exchange.body_error);
  exchange.sent = exchange.body_end == BodyEnd::complete;
  if (exchange.body_end == BodyEnd::source_failed || exchange.body_end == BodyEnd::malformed) {
    // Ends the other half, which answers. When the server has stopped reading, its response still
    // counts.
    std::error_code ignored;
    session_.server->socket.close(ignored);
  }
}

asio::awaitable<void> HttpSession::pass_response(Exchange& exchange) {
  for (int interim = 0;; ++interim) {
    HeadRead read = co_await read_head(*session_.server);
    if (const auto* error = std::get_if<std::error_code>(&read)) {
      const bool silent =
          *error == asio::error::operation_aborted && session_.server->socket.is_open();
      const RefusalKind kind = silent ? RefusalKind::response_timeout : RefusalKind::bad_response;
      Error reason{silent ? "the server did not answer in time"
                          : "the server closed the connection before it answered"};
      exchange.outcome = co_await response_failed(exchange, kind, std::move(reason));
      break;
    }
    if (const auto* refusal = std::get_if<Refusal>(&read)) {
      Error reason{"the server's response: " + refusal->message};
      exchange.outcome =
          co_await response_failed(exchange, RefusalKind::bad_response, std::move(reason));
      break;
    }
    Result<ResponseHead> head = parse_response_head(std::get<std::string>(read));
    if (!head) {
      Error reason{"the server's response: " + head.error().message};
      exchange.outcome =
          co_await response_failed(exchange, RefusalKind::bad_response, std::move(reason));
      break;
    }
    if (head->status >= 200 || head->status == kSwitchingProtocols) {
      exchange.outcome = co_await pass_final_response(exchange, *head);
      break;
    }
    exchange.reused = false;  // the server is there
    if (interim == kMaxInterim) {
      Error reason{fmt::format("the server sent {} responses and no final one", interim + 1)};
      exchange.outcome =
          co_await response_failed(exchange, RefusalKind::bad_response, std::move(reason));
      break;
    }
    // HTTP/1.0 has no responses ahead of the final one.
    if (exchange.request.head.minor_version == 0) continue;
    const std::string text = forwarded_head(*head, false);
    if (co_await session_.write(session_.client, text)) {
      exchange.outcome = Outcome::abort;
      break;
    }
  }
  if (!exchange.sent) {
    // Ends the other half: nobody waits for the rest of the request.
    std::error_code ignored;
    session_.client.socket.cancel(ignored);
    session_.server->socket.close(ignored);
    if (exchange.outcome == Outcome::keep) exchange.outcome = Outcome::close;
  }
}

// Decides what follows when there is no response to pass on.
asio::awaitable<Outcome> HttpSession::response_failed(Exchange& exchange, RefusalKind kind,
                                                      Error error) {
  const bool head_only = exchange.request.head.method == "HEAD";
  if (exchange.body_end == BodyEnd::source_failed) co_return Outcome::abort;
  if (exchange.body_end == BodyEnd::malformed) {
    Refusal malformed = bad_request(exchange.body_error);
    co_return co_await refuse(std::move(malformed), false, head_only);
  }
  // A server may close a kept connection at the moment a request is sent on it.
  const bool nothing_came = session_.server->unread.empty() && kind == RefusalKind::bad_response;
  if (exchange.reused && nothing_came && exchange.request.repeatable()) co_return Outcome::retry;
  const Authority& target = exchange.request.target.authority;
  Refusal refusal = bad_response(to_authority(target.host, target.port), kind, error);
  co_return co_await refuse(std::move(refusal), false, head_only);
}

asio::awaitable<Outcome> HttpSession::pass_final_response(Exchange& exchange,
                                                          const ResponseHead& head) {
  const ForwardRequest& request = exchange.request;
  Result<BodyFraming> body = response_framing(head, request.head.method);
  const bool switches = head.status == kSwitchingProtocols;
  Error error;
  if (!body) error = {"the server's response: " + body.error().message};
  if (switches && !(request.upgrade && exchange.sent)) {
    error = {"the server switched protocols unasked"};
  }
  if (body && body->kind == BodyFraming::Kind::chunked && request.head.minor_version == 0) {
    error = {"the server answered HTTP/1.0 with a chunked body"};
  }
  if (absolute_form_ && head.status == kProxyAuthenticationRequired) {
    // The client has no credentials for that proxy, and is not to be asked for any.
    connected_.reset();
    const Authority& target = request.target.authority;
    const std::optional<Upstream>& upstream = session_.state().options.upstream;
    Refusal refusal = upstream_failed(target.host, target.port, to_string(*upstream),
                                      credentials_problem(*upstream));
    co_return co_await refuse(std::move(refusal), false, request.head.method == "HEAD");
  }
  if (!error.message.empty()) {
    // What the server sends from here on cannot be trusted to be a response.
    connected_.reset();
    Refusal refusal =
        bad_response(to_authority(request.target.authority.host, request.target.authority.port),
                     RefusalKind::bad_response, error);
    co_return co_await refuse(std::move(refusal), false, request.head.method == "HEAD");
  }

  const bool server_keeps =
      head.minor_version == 1 && !head.fields.has_token("Connection", "close");
  if (!server_keeps) connected_.reset();
  // A client whose request is not all read cannot be kept: what follows might be its body.
  const bool keep =
      request.keep_alive && exchange.sent && body->kind != BodyFraming::Kind::until_close;
  std::string text = forwarded_head(head, !keep);
  std::string& unread = session_.server->unread;
  const bool sized =
      body->kind == BodyFraming::Kind::none || body->kind == BodyFraming::Kind::length;
  if (exchange.sent && !keep && !switches && sized && body->length <= unread.size()) {
    text.append(unread, 0, static_cast<size_t>(body->length));
    unread.clear();
    session_.set_deadline(session_.limits().idle_time);
    const std::error_code failed = co_await session_.write_last(text);
    if (failed) co_return Outcome::abort;
    co_return request.keep_alive ? Outcome::close : Outcome::done;
  }
  const BodyEnd end =
      co_await relay_message(*session_.server, session_.client, std::move(text), *body, error);
  if (end != BodyEnd::complete) co_return Outcome::abort;
  if (switches) co_return Outcome::tunnel;
  co_return keep ? Outcome::keep : Outcome::close;
}

// Sends `head`, then passes the body on. What is at hand already goes out in one write.
asio::awaitable<BodyEnd> HttpSession::relay_message(Peer& from, Peer& to, std::string head,
                                                    BodyFraming body, Error& error) {
  if (body.kind == BodyFraming::Kind::chunked) {
    co_return co_await relay_chunked(from, to, std::move(head), error);
  }
  const bool until_close = body.kind == BodyFraming::Kind::until_close;
  const uint64_t length = until_close ? kUntilEnd : body.length;
  const auto at_hand = static_cast<size_t>(std::min<uint64_t>(length, from.unread.size()));
  head.append(from.unread, 0, at_hand);
  from.unread.erase(0, at_hand);
  session_.set_deadline(session_.limits().idle_time);
  if (co_await session_.write(to, head)) co_return BodyEnd::sink_failed;
  const uint64_t left = until_close ? kUntilEnd : length - at_hand;
  if (left == 0) co_return BodyEnd::complete;
  const Transfer moved = co_await transfer(session_, from.socket, to.socket, left);
  if (moved.sink_failed) co_return BodyEnd::sink_failed;
  if (moved.source_failed || (!until_close && moved.moved < left)) co_return BodyEnd::source_failed;
  co_return BodyEnd::complete;
}

// Passes a chunked body on as it is framed, after `pending`.
asio::awaitable<BodyEnd> HttpSession::relay_chunked(Peer& from, Peer& to, std::string pending,
                                                    Error& error) {
  ChunkedBody chunks;
  while (true) {
    const Result<size_t> count = chunks.feed(from.unread);
    if (!count) {
      error = count.error();
      co_return BodyEnd::malformed;
    }
    pending.append(from.unread, 0, *count);
    from.unread.erase(0, *count);
    session_.set_deadline(session_.limits().idle_time);
    if (!pending.empty() && co_await session_.write(to, pending)) co_return BodyEnd::sink_failed;
    pending.clear();
    if (chunks.done()) co_return BodyEnd::complete;
    // The other half has closed it, and could not wake this one.
    if (!to.socket.is_open()) co_return BodyEnd::sink_failed;
    if (co_await session_.read_more(from)) co_return BodyEnd::source_failed;
  }
}

}  // namespace

asio::awaitable<NextStep> serve_http(Session& session, const ClientToken* token) {
  HttpSession http(session, token);
  co_return co_await http.serve();
}

}  // namespace srt::net
