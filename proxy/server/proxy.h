#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "proxy/hosts/host_policy.h"
#include "proxy/server/client_token.h"
#include "proxy/server/limits.h"
#include "proxy/server/refusal.h"
#include "proxy/server/resolver.h"
#include "proxy/upstream/direct_hosts.h"
#include "proxy/upstream/upstream.h"
#include "runtime/base/result.h"
#include "runtime/base/unique_fd.h"

namespace srt::net {

struct ProxyState;

/// What a proxy needs besides its rules.
struct ProxyOptions {
  /// Tells the addresses that no name may lead to, asked whenever one is dialed; null to ask the
  /// kernel which ones lead to this host.
  IsOwnAddress is_own = {};
  ProxyLimits limits = {};
  /// The proxy that connections leave through, but for those to `direct`.
  std::optional<Upstream> upstream = {};
  DirectHosts direct = {};
  /// Domains that programs append to a name when they look it up. Whether a permitted name beneath
  /// one of them exists is found out before its look-up is answered: a program whose look-up finds
  /// one asks for no other.
  std::vector<HostName> search = {};
  /// Called for each refusal, on the event loop's thread; may be empty.
  std::function<void(const Refusal&)> report = {};
  /// Finds addresses; null for the hosts file and name servers of this machine.
  std::shared_ptr<Resolver> resolver = {};
};

/// A filtering proxy for HTTP/1.1 and SOCKS5, both on the same listeners. All of it runs on the one
/// thread that runs the `io_context`, which must outlive it. The process must ignore SIGPIPE.
class Proxy {
 public:
  Proxy(asio::io_context& io, HostPolicy policy, ProxyOptions options);
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;
  /// Stops.
  ~Proxy();

  /// Serves the clients of a TCP socket that is bound and listens, in whatever network namespace it
  /// was made. Connections to servers are made in the namespace of the caller. Fails when the
  /// socket is not a listening TCP socket.
  Status serve(UniqueFd listener);

  /// As `serve`, on a listener that others than the command can reach: serves nobody who does not
  /// know `token`, nor reports what such a client asks for. HTTP clients send it in
  /// Proxy-Authorization with each request, and get a 407 without; SOCKS5 clients log in with it.
  Status serve(UniqueFd listener, ClientToken token);

  /// Serves such a socket's clients as if each had asked for this host and port: what they send
  /// goes there and nowhere else. A refused client is cut off at once.
  Status forward(UniqueFd listener, Host host, uint16_t port);

  /// Serves such a socket's clients by where they connected to: those that asked for the listener's
  /// own address as `serve` does; those that were redirected to it, or whom it has because it
  /// listens on every address, as if they had asked for the address's host and port. An address
  /// that a look-up was answered with, or that the hosts file gives to a permitted name, stands for
  /// that name. On port 53 of addresses that the policy does not allow, look-ups are answered.
  Status capture(UniqueFd listener);

  /// Answers look-ups that come to a bound UDP socket: a name that the policy allows on some port
  /// has an address, by which `capture` knows it; others do not exist.
  Status answer_names(UniqueFd socket);

  /// Makes a socket of a family for connections to what is published.
  using SocketMaker = std::function<Result<UniqueFd>(int family)>;

  /// Joins such a socket's clients to `port` of the loopback that the sockets of `maker` see,
  /// whatever the policy says of connections. Where nothing listens they are cut off.
  Status publish(UniqueFd listener, uint16_t port, SocketMaker maker);

  /// Hands such a socket's clients over to a port of this host's loopback, where a proxy of the
  /// caller's listens. The policy is not asked about them.
  Status hand_over(UniqueFd listener, uint16_t port);

  /// Judges by `policy` from now on, what is being dialed included. Connections that it denies are
  /// reported and reset; so are those to an unknown address where it denies addresses. To be called
  /// on the event loop's thread.
  void update(HostPolicy policy);

  /// Closes the listeners and all connections.
  void stop();

 private:
  std::shared_ptr<ProxyState> state_;
};

}  // namespace srt::net
