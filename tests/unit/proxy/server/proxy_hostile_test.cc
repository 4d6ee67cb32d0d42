#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>

#include <atomic>
#include <string>

#include "harness.h"

using namespace srt::net;
using namespace srt::net::test;

// Servers that lie, clients that leave, and what runs out.

namespace {

std::string literal(uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

std::string request(const std::string& authority, const std::string& fields = "",
                    const std::string& version = "1.1") {
  return "GET http://" + authority + "/ HTTP/" + version + "\r\nHost: " + authority + "\r\n" +
         fields + "\r\n";
}

std::string upload(const std::string& authority, size_t size) {
  return "PUT http://" + authority + "/ HTTP/1.1\r\nHost: " + authority +
         "\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
}

std::string first_line(const std::string& head) { return head.substr(0, head.find("\r\n")); }

// Answers one request with `response` and ends the connection.
std::function<void(Connection&)> answers(std::string response) {
  return [response = std::move(response)](Connection& connection) {
    connection.read_until("\r\n\r\n");
    connection.send(response);
  };
}

}  // namespace

TEST_CASE("responses ahead of the final one reach who speaks HTTP/1.1, in their order") {
  const std::string hints = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n";
  const Origin origin(answers(hints + "HTTP/1.1 102 Processing\r\n\r\n" + hints +
                              "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  TestProxy proxy({"+" + literal(origin.port())});
  Connection client = proxy.connect();
  REQUIRE(client.send(request(literal(origin.port()))));
  CHECK(client.read_until("\r\n\r\n") == hints);
  CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 102 Processing\r\n\r\n");
  CHECK(client.read_until("\r\n\r\n") == hints);
  CHECK(client.read_message().ends_with("\r\n\r\nok"));

  Connection old = proxy.connect();
  REQUIRE(old.send(request(literal(origin.port()), "", "1.0")));
  CHECK(first_line(old.read_message()) == "HTTP/1.1 200 OK");
}

TEST_CASE("P49: a server that sends responses ahead of the final one for ever is cut off") {
  const std::string interim = "HTTP/1.1 102 Processing\r\n\r\n";
  for (const int count : {100, 101}) {
    CAPTURE(count);
    std::string all;
    for (int i = 0; i < count; ++i) all += interim;
    const Origin origin(answers(all + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    TestProxy proxy({"+" + literal(origin.port())});
    Connection client = proxy.connect();
    REQUIRE(client.send(request(literal(origin.port()))));
    for (int i = 0; i < 100; ++i) REQUIRE(client.read_until("\r\n\r\n") == interim);
    const std::string last = client.read_message();
    CHECK(first_line(last) == (count == 100 ? "HTTP/1.1 200 OK" : "HTTP/1.1 502 Bad Gateway"));
    if (count > 100) CHECK(client.at_end());
  }
}

TEST_CASE("a request that the server has begun to answer is not sent again") {
  const Origin origin([](Connection& connection) {
    connection.read_until("\r\n\r\n");
    connection.send(ok_response("first"));
    connection.read_until("\r\n\r\n");
    connection.send("HTTP/1.1 102 Processing\r\n\r\n");
  });
  TestProxy proxy({"+" + literal(origin.port())});
  Connection client = proxy.connect();
  REQUIRE(client.send(request(literal(origin.port()))));
  CHECK(client.read_message().ends_with("first"));
  REQUIRE(client.send(request(literal(origin.port()))));
  CHECK(first_line(client.read_message()) == "HTTP/1.1 102 Processing");
  CHECK(first_line(client.read_message()) == "HTTP/1.1 502 Bad Gateway");
  CHECK(origin.connections() == 1);
}

TEST_CASE("what follows an upgrade that the server declines is judged as a request") {
  const Origin origin(http_server([](const auto&, const auto&) { return ok_response("no"); }));
  TestProxy proxy({"+" + literal(origin.port())});
  Connection client = proxy.connect();
  REQUIRE(
      client.send(request(literal(origin.port()), "Connection: Upgrade\r\nUpgrade: websocket\r\n") +
                  request("denied.test")));
  CHECK(client.read_message().ends_with("\r\n\r\nno"));
  CHECK(first_line(client.read_message()) == "HTTP/1.1 403 Forbidden");
}

TEST_CASE("of a response that is longer than its length the rest is dropped") {
  const Origin origin(
      answers("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntrueHTTP/1.1 200 Forged"));
  TestProxy proxy({"+" + literal(origin.port())});
  for (const std::string fields : {"", "Connection: close\r\n"}) {
    CAPTURE(fields);
    Connection client = proxy.connect();
    REQUIRE(client.send(request(literal(origin.port()), fields)));
    CHECK(client.read_message().ends_with("\r\n\r\ntrue"));
    client.end_sending();
    CHECK(client.at_end());
  }
}

TEST_CASE("a chunked response that ends early or lies about a chunk shows as broken") {
  for (const std::string body : {"5\r\nhal", "5\r\nwhole\r\n", "5\r\nlonger\r\n0\r\n\r\n",
                                 "5\r\nwhole\r\n0\r\nContent-Length: 1\r\n\r\n", "-1\r\n\r\n"}) {
    CAPTURE(body);
    const Origin origin(answers("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body));
    TestProxy proxy({"+" + literal(origin.port())});
    Connection client = proxy.connect();
    REQUIRE(client.send(request(literal(origin.port()))));
    const std::string received = client.read_to_end();
    CHECK(client.was_reset());
    CHECK(received.find("0\r\n\r\n") == std::string::npos);
  }
}

TEST_CASE("a response's head that is longer than the cap is a bad gateway") {
  const Origin origin(answers("HTTP/1.1 200 OK\r\nX: " + std::string(9000, 'x') + "\r\n\r\n"));
  ProxyLimits limits;
  limits.head_bytes = 8192;
  TestProxy proxy({"+" + literal(origin.port())}, {}, limits);
  Connection client = proxy.connect();
  REQUIRE(client.send(request(literal(origin.port()))));
  CHECK(first_line(client.read_message()) == "HTTP/1.1 502 Bad Gateway");
  CHECK(client.at_end());
}

TEST_CASE("P49: a client that has ended its direction behind a request gets the response") {
  const Origin origin(http_server([](const auto&, const auto& body) { return ok_response(body); }));
  TestProxy proxy({"+" + literal(origin.port())});
  Connection client = proxy.connect();
  REQUIRE(client.send(upload(literal(origin.port()), 4) + "body"));
  client.end_sending();
  CHECK(client.read_message().ends_with("\r\n\r\nbody"));
  CHECK(client.at_end());
  CHECK_FALSE(client.was_reset());
}

TEST_CASE("a client that leaves in the middle of its body leaves no whole request behind") {
  for (const bool resets : {true, false}) {
    CAPTURE(resets);
    std::atomic<size_t> received = 0;
    {
      const Origin origin([&](Connection& connection) {
        connection.read_until("\r\n\r\n");
        received = connection.read_to_end().size();
      });
      TestProxy proxy({"+" + literal(origin.port())});
      Connection client = proxy.connect();
      REQUIRE(client.send(upload(literal(origin.port()), 1000) + std::string(999, 'x')));
      resets ? client.reset() : client.end_sending();
      if (!resets) client.read_to_end();
    }
    CHECK(received < 1000);
  }
}

TEST_CASE("P49: a body that stops half-way ends both connections in time") {
  const Origin origin([](Connection& connection) { connection.read_to_end(); });
  ProxyLimits limits;
  limits.idle_time = std::chrono::milliseconds(200);
  TestProxy proxy({"+" + literal(origin.port())}, {}, limits);
  Connection client = proxy.connect();
  REQUIRE(client.send(upload(literal(origin.port()), 1000) + "half"));
  CHECK(client.read_to_end().empty());
}

TEST_CASE("a server that resets in the middle of a response resets the client's connection") {
  const Origin origin([](Connection& connection) {
    connection.read_until("\r\n\r\n");
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + std::string(1000, 'x'));
    connection.read_exactly(1);
    connection.reset();
  });
  TestProxy proxy({"+" + literal(origin.port())});
  Connection client = proxy.connect();
  REQUIRE(client.send(upload(literal(origin.port()), 2)));
  client.read_until("xxx");
  REQUIRE(client.send("go"));
  client.read_to_end();
  CHECK(client.was_reset());
}

TEST_CASE("P49: a name that leads to 100 addresses, most of them dead, is reached") {
  const Origin origin(http_server([](const auto&, const auto&) { return ok_response("alive"); }));
  std::vector<std::string> addresses;
  for (int i = 1; i < 100; ++i) addresses.push_back("127.0.1." + std::to_string(i));
  addresses.emplace_back("127.0.0.1");
  TestProxy proxy({"+many.test", "+127.0.0.0/8"}, {{"many.test", addresses}});
  Connection client = proxy.connect();
  REQUIRE(client.send(request("many.test:" + std::to_string(origin.port()))));
  CHECK(client.read_message().ends_with("\r\n\r\nalive"));
}

TEST_CASE("P49: while descriptors are out clients wait or are told, and then all is well") {
  const Origin origin(http_server([](const auto&, const auto&) { return ok_response("yes"); }));
  const Origin other(http_server([](const auto&, const auto&) { return ok_response("other"); }));
  TestProxy proxy({"+" + literal(origin.port()), "+" + literal(other.port())});
  Connection client = proxy.connect();
  REQUIRE(client.send(request(literal(origin.port()))));
  CHECK(client.read_message().ends_with("yes"));

  srt::UniqueFd late(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  {
    const NoDescriptors none;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(proxy.port());
    REQUIRE(connect(late.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
    REQUIRE(client.send(request(literal(other.port()))));
    const std::string told = client.read_message();
    CHECK(first_line(told) == "HTTP/1.1 502 Bad Gateway");
    CHECK(told.find("Too many open files") != std::string::npos);
  }
  Connection waited(std::move(late));
  for (Connection* each : {&client, &waited}) {
    REQUIRE(each->send(request(literal(other.port()))));
    CHECK(each->read_message().ends_with("other"));
  }
}
