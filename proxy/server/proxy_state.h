#pragma once

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/udp.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "proxy/dns/name_map.h"
#include "proxy/server/proxy.h"
#include "proxy/server/relay.h"

namespace srt::net {

/// Before trying again when descriptors or memory ran out.
inline constexpr std::chrono::milliseconds kShortageTime{50};

/// What all connections of a proxy share. Lives as long as the last of them.
struct ProxyState : std::enable_shared_from_this<ProxyState> {
  ProxyState(asio::io_context& context, HostPolicy rules, ProxyOptions given);

  /// Tells the caller about a refusal.
  void report(const Refusal& refusal) const;

  /// Starts the clock that ends overdue sessions, unless it runs.
  void watch_deadlines();

  /// As `Proxy::update`.
  void update(HostPolicy rules);

  /// Closes the listeners and all connections; what is being dialed or resolved ends by itself.
  void stop();

  asio::io_context& io;
  HostPolicy policy;
  /// Another one with each update, so that whoever waited can tell.
  uint64_t policy_number = 0;
  ProxyOptions options;
  std::shared_ptr<Resolver> resolver;
  PipePool pipes;
  /// Where bytes are read to before it is known how many there are.
  std::string scratch;
  std::list<asio::ip::tcp::acceptor> acceptors;
  std::list<asio::ip::udp::socket> name_servers;
  /// The addresses that look-ups were answered with.
  NameMap names;
  /// The name that was denied last, and when.
  std::optional<Host> last_denied;
  std::chrono::steady_clock::time_point last_denied_at;
  /// Sessions being served; each removes itself.
  std::list<Session*> sessions;
  /// Cancelled whenever a session ends: wakes acceptors that wait for a slot.
  asio::steady_timer slot_freed;
  bool stopped = false;

 private:
  void check_deadlines();

  asio::steady_timer clock_;
  bool clock_runs_ = false;
};

}  // namespace srt::net
