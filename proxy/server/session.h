#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include "proxy/server/client_token.h"
#include "proxy/server/http.h"
#include "proxy/server/original_destination.h"
#include "proxy/server/peer.h"
#include "proxy/server/proxy_state.h"

namespace srt::net {

/// One client's connection and, while there is one, the server's on the other side of it.
///
/// A session has one deadline. Whoever is about to wait sets it; when it passes, what the session
/// waits for ends with `asio::error::operation_aborted`.
class Session {
 public:
  Session(std::shared_ptr<ProxyState> shared, asio::ip::tcp::socket connected);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  ProxyState& state() { return *state_; }
  const ProxyLimits& limits() const { return state_->options.limits; }

  void set_deadline(std::chrono::milliseconds from_now);
  /// For waits that have a limit of their own.
  void clear_deadline();
  /// Called by the clock.
  void check_deadline(std::chrono::steady_clock::time_point now);

  /// As the functions of peer.h, within the session's deadline.
  asio::awaitable<std::error_code> read_more(Peer& peer, size_t limit = kReadBytes);
  asio::awaitable<std::error_code> write(Peer& peer, std::string_view bytes);

  /// Writes all of `bytes` to the client as the last before its end, which `close_gently` then
  /// sends along with them.
  asio::awaitable<std::error_code> write_last(std::string_view bytes);

  /// Whether all that the client has sent was read, and its direction has not ended.
  bool client_is_silent();

  /// Ends the client's connection so that it can still read what was sent to it: closing with
  /// unread bytes would reset the connection and discard that.
  asio::awaitable<void> close_gently();

  /// Closes both connections with a reset.
  void abort();

  /// Closes both connections.
  void close();

  Peer client;
  std::optional<Peer> server;
  /// What `server` was asked for, nothing where the policy is not asked, and its address; none
  /// where an upstream proxy looks it up.
  std::optional<Authority> asked;
  std::optional<IpAddress> address;
  /// Where the client connected to, if `asked` is the first of the names that the hosts file gives
  /// to that address: TLS may mean another one.
  std::optional<Destination> named_by_hosts_file;

 private:
  std::shared_ptr<ProxyState> state_;
  std::list<Session*>::iterator place_;
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
};

/// What follows after a protocol's part of a session.
enum class NextStep : unsigned char { close, tunnel };

/// What the clients of a listener are there for.
struct Way {
  enum class Kind : unsigned char { asking, forwarded, captured, published, handed_over };

  Kind kind = Kind::asking;
  /// `asking`: what clients have to know; nothing where nobody else reaches the listener.
  std::optional<ClientToken> token = {};
  /// `forwarded`: where to.
  std::optional<Authority> destination = {};
  /// `captured`: the address of the listener, whose own clients are `asking`.
  std::optional<Destination> listener = {};
  /// `published`: the port, and what makes sockets that see it. `handed_over`: the port of this
  /// host's loopback, where the caller's own proxy decides.
  uint16_t port = 0;
  Proxy::SocketMaker maker = {};
};

/// Serves a connection from its first byte to its end. Of one that asks, its first byte tells in
/// which protocol.
asio::awaitable<void> run_session(std::shared_ptr<Session> session, std::shared_ptr<const Way> way);

/// Serves the client of a captured connection to `wanted`, likewise.
asio::awaitable<NextStep> serve_captured(Session& session, Destination wanted);

/// Dials `target` if the policy allows it; a client that is refused is cut off, as nothing else
/// would tell it.
asio::awaitable<NextStep> connect_to(Session& session, Authority target);

/// Connects the client to what the sandbox serves on `way.port`.
asio::awaitable<NextStep> connect_inwards(Session& session, const Way& way);

/// Speaks HTTP, until the client is done or the connection becomes a tunnel to `session.server`.
/// Serves nobody who does not know `token`; null demands none.
asio::awaitable<NextStep> serve_http(Session& session, const ClientToken* token);

/// Speaks SOCKS5, likewise.
asio::awaitable<NextStep> serve_socks(Session& session, const ClientToken* token);

/// Waits for the first bytes of the client of a tunnel to `session.asked`. Once they are no TLS, or
/// a ClientHello for that host, or the policy does not mind, it sends them to the server. False
/// when that cannot be done; a refusal was then reported and both connections are closed.
asio::awaitable<bool> pass_first_bytes(Session& session);

}  // namespace srt::net
