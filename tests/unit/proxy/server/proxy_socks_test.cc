#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "harness.h"

using namespace srt::net;
using namespace srt::net::test;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

constexpr auto kGreeting = "\x05\x01\x00"sv;
constexpr auto kNoLogin = "\x05\x00"sv;

std::string port_bytes(uint16_t port) {
  return {static_cast<char>(port >> 8), static_cast<char>(port)};
}

std::string by_name(std::string_view name, uint16_t port) {
  return "\x05\x01\x00\x03"s + static_cast<char>(name.size()) + std::string(name) +
         port_bytes(port);
}

std::string by_loopback4(uint16_t port) {
  return std::string("\x05\x01\x00\x01\x7f\x00\x00\x01"sv) + port_bytes(port);
}

std::string by_loopback6(uint16_t port) {
  return std::string("\x05\x01\x00\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"sv) + port_bytes(port);
}

std::string reply(char code) {
  return std::string("\x05") + code + std::string("\x00\x01\0\0\0\0\0\0"sv);
}

void echo(Connection& connection) { connection.send(connection.read_exactly(4)); }

// Asks, and checks that what is sent then comes back from the server.
void check_echo(const TestProxy& proxy, const std::string& request) {
  Connection client = proxy.connect();
  REQUIRE(client.send(std::string(kGreeting) + request + "ping"));
  CHECK(client.read_exactly(2) == kNoLogin);
  CHECK(client.read_exactly(10) == reply(0));
  CHECK(client.read_to_end() == "ping");
}

void check_refused(const TestProxy& proxy, const std::string& request, char code) {
  Connection client = proxy.connect();
  REQUIRE(client.send(std::string(kGreeting) + request));
  CHECK(client.read_exactly(2) == kNoLogin);
  CHECK(client.read_to_end() == reply(code));
  CHECK_FALSE(client.was_reset());
}

}  // namespace

TEST_CASE("SOCKS5 connects by name, IPv4 and IPv6") {
  const Origin four(echo);
  const Origin six(echo, AF_INET6);
  TestProxy proxy({"+one.test", "+127.0.0.1", "+[::1]"}, {{"one.test", {"127.0.0.1"}}});
  check_echo(proxy, by_name("ONE.test.", four.port()));
  check_echo(proxy, by_name("127.1", four.port()));
  check_echo(proxy, by_loopback4(four.port()));
  check_echo(proxy, by_loopback6(six.port()));
}

TEST_CASE("SOCKS5 messages may come byte by byte, with user and password") {
  const Origin origin(echo);
  TestProxy proxy({"+127.0.0.1"});
  Connection client = proxy.connect();
  const std::string bytes =
      std::string("\x05\x01\x02\x01\x01u\x01p"sv) + by_loopback4(origin.port()) + "ping";
  for (const char byte : bytes) REQUIRE(client.send({&byte, 1}));
  CHECK(client.read_exactly(2) == "\x05\x02"sv);
  CHECK(client.read_exactly(2) == "\x01\x00"sv);
  CHECK(client.read_exactly(10) == reply(0));
  CHECK(client.read_to_end() == "ping");
}

TEST_CASE("SOCKS5 refusals have their codes and are reported") {
  uint16_t closed_port = 0;
  listen_on_loopback(AF_INET, &closed_port).reset();
  TestProxy proxy(
      {"+one.test:443", "+loop.test", "+unknown.test", "+127.0.0.1:" + std::to_string(closed_port)},
      {{"loop.test", {"127.0.0.1"}}});
  check_refused(proxy, by_name("denied.test", 443), 2);
  check_refused(proxy, by_name("one.test", 80), 2);
  check_refused(proxy, by_name("loop.test", 1), 2);
  check_refused(proxy, by_loopback6(closed_port), 2);
  check_refused(proxy, by_name("unknown.test", 443), 4);
  check_refused(proxy, by_loopback4(closed_port), 5);
  const std::vector<Refusal> refusals = proxy.refusals(6);
  CHECK(refusals[0].target == "denied.test:443");
  CHECK(refusals[2].kind == RefusalKind::blocked_address);
  CHECK(refusals[4].kind == RefusalKind::not_resolved);
}

TEST_CASE("P41: a SOCKS5 name with a byte outside the host alphabet is refused") {
  TestProxy proxy({"+*.allowed.com", "+allowed.com"});
  check_refused(proxy, by_name("evil\0.allowed.com"sv, 443), 2);
  check_refused(proxy, by_name("evil .allowed.com", 443), 2);
  check_refused(proxy, by_name("evil\n.allowed.com", 443), 2);
  check_refused(proxy, by_name("", 443), 2);
  CHECK(proxy.look_ups() == 0);
  CHECK(proxy.refusals(4)[0].message ==
        "`\\x00` cannot stand in host name `evil\\x00.allowed.com`");
}

TEST_CASE("SOCKS5 BIND and UDP ASSOCIATE are not supported, and malformed requests fail") {
  TestProxy proxy({"+*"});
  check_refused(proxy, std::string("\x05\x02\x00\x01\x7f\0\0\x01\0\x50"sv), 7);
  check_refused(proxy, std::string("\x05\x03\x00\x01\0\0\0\0\0\0"sv), 7);
  check_refused(proxy, std::string("\x05\x01\x00\x02\0\0\0\0\0\0"sv), 1);
}

TEST_CASE("a SOCKS5 client without a common method is told so") {
  TestProxy proxy({"+*"});
  Connection client = proxy.connect();
  REQUIRE(client.send("\x05\x01\x01"sv));
  CHECK(client.read_to_end() == "\x05\xff"sv);
}

TEST_CASE("P49: a SOCKS5 client that stops half-way loses its connection") {
  ProxyLimits limits;
  limits.head_time = std::chrono::milliseconds(200);
  TestProxy proxy({"+*"}, {}, limits);
  Connection client = proxy.connect();
  REQUIRE(client.send(std::string(kGreeting) + "\x05\x01"));
  CHECK(client.read_to_end() == kNoLogin);
}
