#include "proxy/server/ares_resolver.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <asio/io_context.hpp>
#include <atomic>
#include <map>
#include <string>
#include <thread>

#include "runtime/base/unique_fd.h"

using srt::UniqueFd;
using srt::net::canonical_host;
using srt::net::HostName;
using srt::net::make_ares_resolver;
using srt::net::Resolution;
using srt::net::Resolver;

namespace {

using namespace std::string_literals;

// A name server on loopback: answers the names it knows, says that others do not exist, and keeps
// silent about `silent.test`.
class NameServer {
 public:
  NameServer() : socket_(socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    REQUIRE(bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    server_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this] { run(); });
  }
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;
  ~NameServer() {
    shutdown(socket_.get(), SHUT_RDWR);  // wakes recvfrom
    thread_.join();
  }

  const std::string& address() const { return server_; }

 private:
  static constexpr size_t kHeader = 12;
  static constexpr char kTypeA = 1;
  static constexpr char kTypeAaaa = 28;

  void run() {
    char query[512];
    sockaddr_in from{};
    while (true) {
      socklen_t size = sizeof(from);
      const ssize_t count = recvfrom(socket_.get(), query, sizeof(query), 0,
                                     reinterpret_cast<sockaddr*>(&from), &size);
      if (count <= static_cast<ssize_t>(kHeader)) return;
      const std::string reply = answer(std::string(query, static_cast<size_t>(count)));
      if (reply.empty()) continue;
      sendto(socket_.get(), reply.data(), reply.size(), 0, reinterpret_cast<sockaddr*>(&from),
             size);
    }
  }

  static std::string answer(const std::string& query) {
    const size_t name_end = query.find('\0', kHeader);
    const std::string name = query.substr(kHeader, name_end - kHeader);
    const char type = query[name_end + 2];
    if (name == "\6silent\4test"s) return "";
    std::string data;
    if (name == "\4both\4test"s || name == "\4four\4test"s) {
      if (type == kTypeA) data = "\x0a\x00\x00\x01"s;
    }
    if (name == "\4both\4test"s && type == kTypeAaaa) {
      data = "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x01";
    }
    const bool known =
        name == "\4both\4test"s || name == "\4four\4test"s || name == "\5empty\4test"s;
    std::string reply = query.substr(0, name_end + 5);
    reply[2] = '\x81';
    reply[3] = known ? '\x80' : '\x83';
    reply[7] = data.empty() ? '\0' : '\1';
    reply[9] = reply[11] = '\0';
    if (!data.empty()) {
      reply += "\xc0\x0c\0"s + type + "\0\1\0\0\0\0\0"s + static_cast<char>(data.size()) + data;
    }
    return reply;
  }

  UniqueFd socket_;
  std::string server_;
  std::thread thread_;
};

Resolution look_up(std::string_view name, const std::string& servers,
                   std::chrono::milliseconds timeout = std::chrono::seconds(5)) {
  asio::io_context io;
  const std::unique_ptr<Resolver> resolver = make_ares_resolver(io, timeout, servers);
  std::optional<Resolution> found;
  resolver->resolve(std::get<HostName>(canonical_host(name).value()),
                    [&](Resolution resolution) { found = std::move(resolution); });
  io.run();
  REQUIRE(found);
  return *found;
}

}  // namespace

TEST_CASE("both families are looked up") {
  const NameServer server;
  const Resolution both = look_up("both.test", server.address());
  CHECK(both.outcome == Resolution::Outcome::found);
  REQUIRE(both.addresses.size() == 2);
  CHECK(both.addresses[0] != both.addresses[1]);
  for (const auto& address : both.addresses) {
    CHECK(to_string(address) == (address.is_v4() ? "10.0.0.1" : "2001:db8::1"));
  }
  const Resolution four = look_up("four.test", server.address());
  REQUIRE(four.addresses.size() == 1);
  CHECK(to_string(four.addresses[0]) == "10.0.0.1");
}

TEST_CASE("the reason why there is no address is told") {
  const NameServer server;
  const Resolution unknown = look_up("unknown.test", server.address());
  CHECK(unknown.outcome == Resolution::Outcome::failed);
  CHECK(unknown.reason == "there is no such name");
  const Resolution empty = look_up("empty.test", server.address());
  CHECK(empty.outcome == Resolution::Outcome::failed);
  CHECK(empty.reason == "the name has no address");
}

TEST_CASE("a silent name server ends in a time-out") {
  const NameServer server;
  const Resolution silent =
      look_up("silent.test", server.address(), std::chrono::milliseconds(300));
  CHECK(silent.outcome == Resolution::Outcome::timed_out);
}

TEST_CASE("a resolver can go away while it looks a name up") {
  const NameServer server;
  asio::io_context io;
  bool called = false;
  {
    const std::unique_ptr<Resolver> resolver =
        make_ares_resolver(io, std::chrono::seconds(5), server.address());
    resolver->resolve(std::get<HostName>(canonical_host("silent.test").value()),
                      [&](const Resolution& resolution) {
                        called = true;
                        CHECK(resolution.outcome == Resolution::Outcome::failed);
                      });
    io.poll();
  }
  io.run();
  CHECK(called);
}
