#pragma once

#include <sys/resource.h>
#include <sys/socket.h>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "proxy/server/proxy.h"
#include "runtime/base/unique_fd.h"

namespace srt::net::test {

/// A blocking connection. Nothing waits longer than ten seconds: reads then count as the end.
class Connection {
 public:
  explicit Connection(UniqueFd fd);

  /// Sends all of it; false when the peer is gone.
  bool send(std::string_view bytes);
  /// What comes up to and including `end`; all that came when the connection ends first.
  std::string read_until(std::string_view end);
  std::string read_exactly(size_t count);
  std::string read_to_end();
  /// A response's head and, by its Content-Length, its body.
  std::string read_message();
  /// True when the peer has ended its direction and nothing is unread.
  bool at_end();
  /// True when the connection was reset.
  bool was_reset() const { return reset_; }
  void end_sending();
  /// Closes with a reset.
  void reset();

 private:
  bool fill();

  UniqueFd fd_;
  std::string unread_;
  bool reset_ = false;
};

/// A server on loopback; `serve` runs on a thread of its own for each connection.
class Origin {
 public:
  explicit Origin(std::function<void(Connection&)> serve, int family = AF_INET);
  Origin(const Origin&) = delete;
  Origin& operator=(const Origin&) = delete;
  ~Origin();

  uint16_t port() const { return port_; }
  int connections() const { return connections_; }

 private:
  std::function<void(Connection&)> serve_;
  UniqueFd listener_;
  uint16_t port_;
  std::atomic<int> connections_ = 0;
  std::vector<std::thread> served_;
  std::thread thread_;
};

/// A loop of requests with bodies by Content-Length or chunked, each answered by what `respond`
/// makes of its head and its raw body.
std::function<void(Connection&)> http_server(
    std::function<std::string(const std::string& head, const std::string& body)> respond);

/// `HTTP/1.1 200 OK` with this body.
std::string ok_response(std::string_view body);

/// A listening socket on the loopback address of `family`; its port in `*port`.
UniqueFd listen_on_loopback(int family, uint16_t* port);

Connection connect_to(uint16_t port);

/// While it lives, this process gets no new descriptor.
class NoDescriptors {
 public:
  NoDescriptors();
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;
  ~NoDescriptors();

 private:
  rlimit before_ = {};
};

/// Knows the names it is given. An empty list of addresses means that no answer ever comes.
class FakeResolver : public Resolver {
 public:
  explicit FakeResolver(std::map<std::string, std::vector<std::string>> names)
      : names_(std::move(names)) {}
  void resolve(const HostName& name, std::function<void(Resolution)> done) override;

  std::atomic<int> look_ups = 0;

 private:
  std::map<std::string, std::vector<std::string>> names_;
};

/// A proxy on a thread of its own. Rules are "+pattern", "~pattern" (with `tls-name any`) or
/// "-pattern because".
class TestProxy {
 public:
  explicit TestProxy(const std::vector<std::string>& rules,
                     std::map<std::string, std::vector<std::string>> names = {},
                     ProxyLimits limits = {}, const std::vector<std::string>& own_addresses = {},
                     const std::string& upstream = "", const std::string& direct = "");
  TestProxy(const TestProxy&) = delete;
  TestProxy& operator=(const TestProxy&) = delete;
  ~TestProxy();

  Connection connect() const { return connect_to(port_); }
  uint16_t port() const { return port_; }
  /// The port of one more listener, whose clients have to know `token`.
  uint16_t serve(const ClientToken& token);
  int look_ups() const { return resolver_->look_ups; }
  /// Waits until that many refusals were reported, then gives them all.
  std::vector<Refusal> refusals(size_t count);
  /// Replaces the rules on the proxy's thread.
  void update(const std::vector<std::string>& rules);
  /// Stops the proxy on its thread.
  void stop();

 private:
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::shared_ptr<FakeResolver> resolver_;
  std::mutex mutex_;
  std::condition_variable reported_;
  std::vector<Refusal> refusals_;
  std::unique_ptr<Proxy> proxy_;
  uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace srt::net::test
