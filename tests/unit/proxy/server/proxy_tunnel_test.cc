#include <doctest/doctest.h>

#include <cstdint>
#include <future>
#include <string>
#include <thread>

#include "harness.h"

using namespace srt::net;
using namespace srt::net::test;

namespace {

constexpr std::string_view kEstablished = "HTTP/1.1 200 Connection established\r\n\r\n";

std::string literal(const Origin& origin) { return "127.0.0.1:" + std::to_string(origin.port()); }

std::string connect(const Origin& origin) {
  return "CONNECT " + literal(origin) + " HTTP/1.1\r\nHost: " + literal(origin) + "\r\n\r\n";
}

Connection open_tunnel(const TestProxy& proxy, const Origin& origin) {
  Connection client = proxy.connect();
  REQUIRE(client.send(connect(origin)));
  REQUIRE(client.read_until("\r\n\r\n") == kEstablished);
  return client;
}

// Bytes in which every place differs from its neighbours at any distance that pipes are made of.
std::string pattern(size_t size) {
  std::string bytes(size, '\0');
  uint32_t state = 1;
  for (char& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

}  // namespace

TEST_CASE("a tunnel carries bytes both ways, those sent ahead of its answer included") {
  const Origin origin([](Connection& connection) {
    connection.send("hello");
    connection.send(connection.read_exactly(5));
    connection.send(connection.read_exactly(3));
  });
  TestProxy proxy({"+" + literal(origin)});
  Connection client = proxy.connect();
  REQUIRE(client.send(connect(origin) + "early"));
  CHECK(client.read_until("\r\n\r\n") == kEstablished);
  CHECK(client.read_exactly(10) == "helloearly");
  REQUIRE(client.send("end"));
  CHECK(client.read_to_end() == "end");
  CHECK_FALSE(client.was_reset());
}

TEST_CASE("P49: a client that has ended its direction still receives") {
  const Origin origin([](Connection& connection) {
    const std::string all = connection.read_to_end();
    connection.send("got " + all);
  });
  TestProxy proxy({"+" + literal(origin)});
  Connection client = open_tunnel(proxy, origin);
  REQUIRE(client.send("request"));
  client.end_sending();
  CHECK(client.read_to_end() == "got request");
  CHECK_FALSE(client.was_reset());
}

TEST_CASE("P49: a server that has ended its direction still receives") {
  TestProxy proxy({"+127.0.0.1"});
  std::string received;
  {
    const Origin origin([&](Connection& connection) {
      connection.send("done");
      connection.end_sending();
      received = connection.read_to_end();
    });
    Connection client = open_tunnel(proxy, origin);
    CHECK(client.read_to_end() == "done");
    REQUIRE(client.send("afterwards"));
    client.end_sending();
  }
  CHECK(received == "afterwards");
}

TEST_CASE("64 MiB arrive whole in both directions at once") {
  const std::string bytes = pattern(size_t{64} * 1024 * 1024);
  TestProxy proxy({"+127.0.0.1"});
  bool server_got_all = false;
  {
    const Origin origin([&](Connection& connection) {
      std::thread sender([&] {
        connection.send(bytes);
        connection.end_sending();
      });
      server_got_all = connection.read_to_end() == bytes;
      sender.join();
    });
    Connection client = open_tunnel(proxy, origin);
    std::thread sender([&] {
      client.send(bytes);
      client.end_sending();
    });
    const bool client_got_all = client.read_to_end() == bytes;
    sender.join();
    CHECK(client_got_all);
  }
  CHECK(server_got_all);
}

TEST_CASE("64 MiB arrive whole as a response and as a request") {
  const std::string bytes = pattern(size_t{64} * 1024 * 1024);
  const Origin origin(http_server([&](const auto&, const std::string& body) {
    CHECK((body == bytes));
    return ok_response(bytes);
  }));
  TestProxy proxy({"+" + literal(origin)});
  Connection client = proxy.connect();
  REQUIRE(client.send("PUT http://" + literal(origin) + "/ HTTP/1.1\r\nHost: " + literal(origin) +
                      "\r\nContent-Length: " + std::to_string(bytes.size()) + "\r\n\r\n"));
  REQUIRE(client.send(bytes));
  const std::string response = client.read_message();
  CHECK(response.size() > bytes.size());
  CHECK(response.ends_with(bytes));
}

TEST_CASE("a client that resets in the middle of a transfer resets the server's connection") {
  TestProxy proxy({"+127.0.0.1"});
  bool server_was_reset = false;
  {
    const Origin origin([&](Connection& connection) {
      const std::string block(65536, 'x');
      while (connection.send(block)) {
      }
      server_was_reset = true;
    });
    Connection client = open_tunnel(proxy, origin);
    CHECK(client.read_exactly(1000000).size() == 1000000);
    client.reset();
  }
  CHECK(server_was_reset);
}

TEST_CASE("a server that resets resets the client's connection") {
  const Origin origin([](Connection& connection) {
    connection.read_exactly(4);
    connection.reset();
  });
  TestProxy proxy({"+" + literal(origin)});
  Connection client = open_tunnel(proxy, origin);
  REQUIRE(client.send("ping"));
  CHECK(client.read_to_end().empty());
  CHECK(client.was_reset());
}

TEST_CASE("a reset of one tunnel leaves the others and their bytes alone") {
  const Origin origin([](Connection& connection) {
    for (std::string byte; !(byte = connection.read_exactly(1)).empty();) connection.send(byte);
  });
  TestProxy proxy({"+" + literal(origin)});
  Connection steady = open_tunnel(proxy, origin);
  for (int i = 0; i < 20; ++i) {
    Connection unsteady = open_tunnel(proxy, origin);
    REQUIRE(unsteady.send("zzzz"));
    unsteady.reset();
    REQUIRE(steady.send("a"));
    CHECK(steady.read_exactly(1) == "a");
  }
}

TEST_CASE("P49: a tunnel that nobody uses ends") {
  const Origin origin([](Connection& connection) { connection.read_to_end(); });
  ProxyLimits limits;
  limits.tunnel_idle_time = std::chrono::milliseconds(200);
  TestProxy proxy({"+" + literal(origin)}, {}, limits);
  Connection client = open_tunnel(proxy, origin);
  client.read_to_end();
}

TEST_CASE("stopping ends tunnels and listeners") {
  const Origin origin([](Connection& connection) { connection.read_to_end(); });
  TestProxy proxy({"+" + literal(origin)});
  Connection client = open_tunnel(proxy, origin);
  proxy.stop();
  client.read_to_end();
}

TEST_CASE("an update resets the tunnels that it denies, and no other") {
  const Origin origin([](Connection& connection) { connection.read_to_end(); });
  const Origin other([](Connection& connection) {
    connection.send(connection.read_exactly(5));
    connection.read_to_end();
  });
  TestProxy proxy({"+" + literal(origin), "+" + literal(other)});
  Connection denied = open_tunnel(proxy, origin);
  Connection kept = open_tunnel(proxy, other);
  proxy.update({"-example.com", "+" + literal(other), "-" + literal(origin) + " gone"});
  CHECK(denied.read_to_end().empty());
  CHECK(denied.was_reset());
  REQUIRE(kept.send("hello"));
  CHECK(kept.read_exactly(5) == "hello");
  Connection late = proxy.connect();
  REQUIRE(late.send(connect(origin)));
  CHECK(late.read_until("\r\n").find("403") != std::string::npos);
  const std::vector<Refusal> refusals = proxy.refusals(2);
  REQUIRE(refusals.size() == 2);
  CHECK(refusals[0].rule == 2);
  CHECK(refusals[0].because == "gone");
  proxy.update({"+" + literal(origin)});
  open_tunnel(proxy, origin);
}

TEST_CASE("an update closes what leads to an address that it denies, by whatever name") {
  const Origin origin([](Connection& connection) { connection.read_to_end(); });
  const std::string port = std::to_string(origin.port());
  TestProxy proxy({"+localhost:" + port});
  Connection client = proxy.connect();
  const std::string authority = "localhost:" + port;
  REQUIRE(client.send("CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n"));
  REQUIRE(client.read_until("\r\n\r\n") == kEstablished);
  proxy.update({"+localhost:" + port, "-127.0.0.0/8"});
  CHECK(client.read_to_end().empty());
  CHECK(client.was_reset());
}

TEST_CASE("a connection that is being made during an update is held to the new rules") {
  std::promise<void> asked;
  std::promise<void> updated;
  const Origin upstream([&](Connection& connection) {
    connection.read_until("\r\n\r\n");
    asked.set_value();
    updated.get_future().wait();
    connection.send(kEstablished);
    connection.read_to_end();
  });
  TestProxy proxy({"+example.com"}, {}, {}, {}, literal(upstream));
  Connection client = proxy.connect();
  REQUIRE(client.send("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n"));
  asked.get_future().wait();
  proxy.update({"-example.com"});
  updated.set_value();
  CHECK(client.read_until("\r\n") == "HTTP/1.1 403 Forbidden\r\n");
}
