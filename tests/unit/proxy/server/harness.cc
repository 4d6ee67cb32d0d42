#include "harness.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/time.h>

#include <algorithm>
#include <asio/post.hpp>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <future>

namespace srt::net::test {

namespace {

constexpr std::chrono::seconds kPatience{10};

IpAddress address(const std::string& text) {
  return std::get<IpAddress>(canonical_host(text).value());
}

sockaddr_storage loopback(int family, uint16_t port, socklen_t* size) {
  sockaddr_storage storage{};
  if (family == AF_INET) {
    auto& four = reinterpret_cast<sockaddr_in&>(storage);
    four.sin_family = AF_INET;
    four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    four.sin_port = htons(port);
    *size = sizeof(four);
  } else {
    auto& six = reinterpret_cast<sockaddr_in6&>(storage);
    six.sin6_family = AF_INET6;
    six.sin6_addr = in6addr_loopback;
    six.sin6_port = htons(port);
    *size = sizeof(six);
  }
  return storage;
}

// The value of a field in the head of a message; empty when it is not there.
std::string field(const std::string& head, const std::string& name) {
  const size_t at = head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "";
  const size_t start = at + name.size() + 4;
  return head.substr(start, head.find("\r\n", start) - start);
}

}  // namespace

Connection::Connection(UniqueFd fd) : fd_(std::move(fd)) {
  const timeval patience{kPatience.count(), 0};
  setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

bool Connection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

bool Connection::fill() {
  char bytes[65536];
  const ssize_t count = recv(fd_.get(), bytes, sizeof(bytes), 0);
  if (count < 0 && errno == ECONNRESET) reset_ = true;
  CHECK_MESSAGE((count >= 0 || errno == ECONNRESET), "nothing came in time");
  if (count <= 0) return false;
  unread_.append(bytes, static_cast<size_t>(count));
  return true;
}

std::string Connection::read_until(std::string_view end) {
  size_t at = 0;
  while ((at = unread_.find(end)) == std::string::npos) {
    if (!fill()) return std::exchange(unread_, {});
  }
  return read_exactly(at + end.size());
}

std::string Connection::read_exactly(size_t count) {
  while (unread_.size() < count && fill()) {
  }
  std::string bytes = unread_.substr(0, count);
  unread_.erase(0, count);
  return bytes;
}

std::string Connection::read_to_end() {
  while (fill()) {
  }
  return std::exchange(unread_, {});
}

std::string Connection::read_message() {
  std::string head = read_until("\r\n\r\n");
  const std::string length = field(head, "Content-Length");
  return length.empty() ? head : head + read_exactly(std::strtoul(length.c_str(), nullptr, 10));
}

bool Connection::at_end() { return unread_.empty() && !fill(); }

void Connection::end_sending() { shutdown(fd_.get(), SHUT_WR); }

void Connection::reset() {
  const linger now{1, 0};
  setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  fd_.reset();
}

UniqueFd listen_on_loopback(int family, uint16_t* port) {
  UniqueFd fd(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  socklen_t size = 0;
  sockaddr_storage storage = loopback(family, 0, &size);
  auto* bound = reinterpret_cast<sockaddr*>(&storage);
  REQUIRE(bind(fd.get(), bound, size) == 0);
  REQUIRE(listen(fd.get(), 128) == 0);
  REQUIRE(getsockname(fd.get(), bound, &size) == 0);
  *port = ntohs(family == AF_INET ? reinterpret_cast<sockaddr_in&>(storage).sin_port
                                  : reinterpret_cast<sockaddr_in6&>(storage).sin6_port);
  return fd;
}

Connection connect_to(uint16_t port) {
  UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  socklen_t size = 0;
  const sockaddr_storage storage = loopback(AF_INET, port, &size);
  REQUIRE(connect(fd.get(), reinterpret_cast<const sockaddr*>(&storage), size) == 0);
  return Connection(std::move(fd));
}

NoDescriptors::NoDescriptors() {
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before_) == 0);
  const rlimit none{0, before_.rlim_max};
  REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
}

NoDescriptors::~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }

Origin::Origin(std::function<void(Connection&)> serve, int family)
    : serve_(std::move(serve)), listener_(listen_on_loopback(family, &port_)) {
  thread_ = std::thread([this] {
    while (true) {
      UniqueFd client(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!client) return;
      ++connections_;
      served_.emplace_back(
          [this, connection = Connection(std::move(client))]() mutable { serve_(connection); });
    }
  });
}

Origin::~Origin() {
  shutdown(listener_.get(), SHUT_RDWR);  // wakes accept
  thread_.join();
  for (std::thread& thread : served_) thread.join();
}

std::function<void(Connection&)> http_server(
    std::function<std::string(const std::string& head, const std::string& body)> respond) {
  return [respond = std::move(respond)](Connection& connection) {
    while (true) {
      const std::string head = connection.read_until("\r\n\r\n");
      if (!head.ends_with("\r\n\r\n")) return;
      std::string body;
      if (const std::string length = field(head, "Content-Length"); !length.empty()) {
        body = connection.read_exactly(std::strtoul(length.c_str(), nullptr, 10));
      } else if (field(head, "Transfer-Encoding") == "chunked") {
        body = connection.read_until("\r\n\r\n");
      }
      if (!connection.send(respond(head, body))) return;
    }
  };
}

std::string ok_response(std::string_view body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

void FakeResolver::resolve(const HostName& name, std::function<void(Resolution)> done) {
  ++look_ups;
  const auto known = names_.find(name.text());
  if (known == names_.end()) {
    done({Resolution::Outcome::failed, {}, "there is no such name"});
    return;
  }
  if (known->second.empty()) return;
  Resolution resolution{Resolution::Outcome::found, {}, ""};
  for (const std::string& text : known->second) resolution.addresses.push_back(address(text));
  done(std::move(resolution));
}

namespace {

HostPolicy policy_of(const std::vector<std::string>& rules) {
  std::vector<HostRule> parsed;
  for (const std::string& rule : rules) {
    const size_t space = std::min(rule.find(' '), rule.size());
    parsed.push_back({rule.front() == '-' ? Effect::deny : Effect::allow,
                      parse_host_pattern(rule.substr(1, space - 1)).value(),
                      space == rule.size() ? "" : rule.substr(space + 1),
                      static_cast<uint32_t>(parsed.size()), rule.front() == '~'});
  }
  return HostPolicy(std::move(parsed));
}

}  // namespace

TestProxy::TestProxy(const std::vector<std::string>& rules,
                     std::map<std::string, std::vector<std::string>> names, ProxyLimits limits,
                     const std::vector<std::string>& own_addresses, const std::string& upstream,
                     const std::string& direct)
    : work_(io_.get_executor()), resolver_(std::make_shared<FakeResolver>(std::move(names))) {
  signal(SIGPIPE, SIG_IGN);
  ProxyOptions options;
  options.limits = limits;
  options.resolver = resolver_;
  options.is_own = [own = own_addresses](const IpAddress& asked) {
    return std::ranges::any_of(own,
                               [&](const std::string& text) { return address(text) == asked; });
  };
  if (!upstream.empty()) options.upstream = parse_upstream(upstream).value();
  options.direct = DirectHosts(direct);
  options.report = [this](const Refusal& refusal) {
    const std::lock_guard lock(mutex_);
    refusals_.push_back(refusal);
    reported_.notify_all();
  };
  proxy_ = std::make_unique<Proxy>(io_, policy_of(rules), std::move(options));
  REQUIRE(proxy_->serve(listen_on_loopback(AF_INET, &port_)));
  thread_ = std::thread([this] { io_.run(); });
}

TestProxy::~TestProxy() {
  stop();
  work_.reset();
  io_.stop();
  thread_.join();
  proxy_.reset();
}

uint16_t TestProxy::serve(const ClientToken& token) {
  uint16_t port = 0;
  UniqueFd listener = listen_on_loopback(AF_INET, &port);
  std::promise<bool> served;
  asio::post(io_, [&] { served.set_value(bool(proxy_->serve(std::move(listener), token))); });
  REQUIRE(served.get_future().get());
  return port;
}

std::vector<Refusal> TestProxy::refusals(size_t count) {
  std::unique_lock lock(mutex_);
  const bool enough =
      reported_.wait_for(lock, kPatience, [&] { return refusals_.size() >= count; });
  REQUIRE(enough);
  return refusals_;
}

void TestProxy::update(const std::vector<std::string>& rules) {
  std::promise<void> updated;
  asio::post(io_, [&] {
    proxy_->update(policy_of(rules));
    updated.set_value();
  });
  updated.get_future().wait();
}

void TestProxy::stop() {
  std::promise<void> stopped;
  asio::post(io_, [&] {
    proxy_->stop();
    stopped.set_value();
  });
  stopped.get_future().wait();
}

}  // namespace srt::net::test
