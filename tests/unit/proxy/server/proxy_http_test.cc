#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "harness.h"

using namespace srt::net;
using namespace srt::net::test;

namespace {

std::string literal(const Origin& origin) { return "127.0.0.1:" + std::to_string(origin.port()); }

std::string get(const std::string& authority, const std::string& path = "/",
                const std::string& fields = "") {
  return "GET http://" + authority + path + " HTTP/1.1\r\nHost: " + authority + "\r\n" + fields +
         "\r\n";
}

std::string first_line(const std::string& head) { return head.substr(0, head.find("\r\n")); }

}  // namespace

TEST_CASE("requests for two hosts go over one client connection, each to its own server") {
  const Origin one(http_server([](const auto&, const auto&) { return ok_response("one"); }));
  const Origin two(http_server([](const auto&, const auto&) { return ok_response("two"); }));
  TestProxy proxy({"+one.test", "+two.test", "+" + literal(one), "+" + literal(two)},
                  {{"one.test", {"127.0.0.1"}}, {"two.test", {"127.0.0.1"}}});
  const std::string to_one = get("one.test:" + std::to_string(one.port()));
  const std::string to_two = get("two.test:" + std::to_string(two.port()));
  Connection client = proxy.connect();
  for (const bool first : {true, true, false, true}) {
    REQUIRE(client.send(first ? to_one : to_two));
    CHECK(client.read_message().ends_with(first ? "one" : "two"));
  }
  CHECK(one.connections() == 2);
  CHECK(two.connections() == 1);
}

TEST_CASE("each request on a kept connection is judged by itself") {
  const Origin origin(http_server([](const auto&, const auto&) { return ok_response("yes"); }));
  TestProxy proxy({"+" + literal(origin)});
  Connection client = proxy.connect();
  REQUIRE(client.send(get(literal(origin))));
  CHECK(client.read_message().ends_with("yes"));
  REQUIRE(client.send(get("denied.test")));
  CHECK(first_line(client.read_message()) == "HTTP/1.1 403 Forbidden");
  REQUIRE(client.send(get(literal(origin))));
  CHECK(client.read_message().ends_with("yes"));
}

TEST_CASE("pipelined requests are answered in order") {
  const Origin origin(http_server(
      [](const std::string& head, const auto&) { return ok_response(head.substr(4, 2)); }));
  TestProxy proxy({"+" + literal(origin)});
  Connection client = proxy.connect();
  std::string requests;
  for (int i = 0; i < 10; ++i) requests += get(literal(origin), "/" + std::to_string(i));
  REQUIRE(client.send(requests));
  for (int i = 0; i < 10; ++i) CHECK(client.read_message().ends_with("/" + std::to_string(i)));
  CHECK(origin.connections() == 1);
}

TEST_CASE("bodies of either framing go both ways, trailers included") {
  const Origin origin(
      http_server([](const std::string& head, const std::string& body) -> std::string {
        if (head.find("Transfer-Encoding") == std::string::npos) return ok_response(body);
        return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body;
      }));
  TestProxy proxy({"+" + literal(origin)});
  Connection client = proxy.connect();
  const std::string start =
      "POST http://" + literal(origin) + "/ HTTP/1.1\r\nHost: " + literal(origin) + "\r\n";

  const std::string chunks = "4\r\nwiki\r\n5;x=y\r\npedia\r\n0\r\nX-Sum: 9\r\n\r\n";
  REQUIRE(client.send(start + "Transfer-Encoding: chunked\r\n\r\n"));
  for (const char byte : chunks) REQUIRE(client.send({&byte, 1}));
  CHECK(client.read_until("\r\n\r\n").find("chunked") != std::string::npos);
  CHECK(client.read_exactly(chunks.size()) == chunks);

  const std::string body(300000, 'b');
  REQUIRE(client.send(start + "Content-Length: 300000\r\n\r\n" + body));
  CHECK(client.read_message().ends_with("\r\n\r\n" + body));

  REQUIRE(client.send(start + "Content-Length: 0\r\n\r\n"));
  CHECK(first_line(client.read_message()) == "HTTP/1.1 200 OK");
  CHECK(origin.connections() == 1);
}

TEST_CASE("a response without a length ends with the connection") {
  const Origin origin([](Connection& connection) {
    connection.read_until("\r\n\r\n");
    connection.send("HTTP/1.0 200 OK\r\n\r\n" + std::string(100000, 'x'));
  });
  TestProxy proxy({"+" + literal(origin)});
  Connection client = proxy.connect();
  REQUIRE(client.send(get(literal(origin))));
  CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
  CHECK(client.read_to_end() == std::string(100000, 'x'));
  CHECK_FALSE(client.was_reset());
}

TEST_CASE("a HEAD request's response has no body, whatever its length says") {
  const Origin origin(http_server([](const std::string& head, const auto&) {
    if (head.starts_with("HEAD"))
      return std::string("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    return ok_response("body");
  }));
  TestProxy proxy({"+" + literal(origin)});
  Connection client = proxy.connect();
  std::string head = get(literal(origin));
  head.replace(0, 3, "HEAD");
  REQUIRE(client.send(head + get(literal(origin))));
  CHECK(client.read_until("\r\n\r\n").find("Content-Length: 5") != std::string::npos);
  CHECK(client.read_message().ends_with("\r\n\r\nbody"));
}

TEST_CASE("100 Continue reaches the client before its body is asked for") {
  const Origin origin([](Connection& connection) {
    connection.read_until("\r\n\r\n");
    connection.send("HTTP/1.1 100 Continue\r\n\r\n");
    connection.send(ok_response(connection.read_exactly(4)));
  });
  TestProxy proxy({"+" + literal(origin)});
  Connection client = proxy.connect();
  REQUIRE(client.send("POST http://" + literal(origin) + "/ HTTP/1.1\r\nHost: " + literal(origin) +
                      "\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"));
  CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  REQUIRE(client.send("body"));
  CHECK(client.read_message().ends_with("\r\n\r\nbody"));
}

TEST_CASE("a final response to a request that still has a body ends the connection cleanly") {
  const Origin origin([](Connection& connection) {
    connection.read_until("\r\n\r\n");
    connection.send("HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\nno");
    connection.read_to_end();
  });
  TestProxy proxy({"+" + literal(origin)});
  Connection client = proxy.connect();
  REQUIRE(client.send("POST http://" + literal(origin) + "/ HTTP/1.1\r\nHost: " + literal(origin) +
                      "\r\nExpect: 100-continue\r\nContent-Length: 400\r\n\r\n"));
  const std::string response = client.read_message();
  CHECK(first_line(response) == "HTTP/1.1 417 No");
  CHECK(response.find("Connection: close") != std::string::npos);
  CHECK(client.at_end());
  CHECK_FALSE(client.was_reset());
}

TEST_CASE("a response ends the wait for a body whose sending has not begun") {
  const Origin origin([](Connection& connection) {
    connection.read_until("\r\n\r\n");
    connection.send(ok_response("yes"));
    connection.read_until("\r\n\r\n");
    connection.send("HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\nno");
    connection.read_to_end();
  });
  TestProxy proxy({"+" + literal(origin)});
  Connection client = proxy.connect();
  // The server's connection is kept, so that all that lacks a descriptor is the body's way.
  REQUIRE(client.send(get(literal(origin))));
  CHECK(client.read_message().ends_with("yes"));
  {
    const NoDescriptors none;
    REQUIRE(client.send("PUT http://" + literal(origin) + "/ HTTP/1.1\r\nHost: " + literal(origin) +
                        "\r\nContent-Length: 100000\r\n\r\n"));
    CHECK(first_line(client.read_until("\r\n\r\n")) == "HTTP/1.1 417 No");
  }
  CHECK(client.read_to_end() == "no");
  CHECK_FALSE(client.was_reset());
}

TEST_CASE("an upgrade becomes a tunnel") {
  const Origin origin([](Connection& connection) {
    const std::string head = connection.read_until("\r\n\r\n");
    CHECK(head.find("Connection: Upgrade\r\nUpgrade: echo\r\n") != std::string::npos);
    connection.send(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhello");
    connection.send(connection.read_exactly(4));
  });
  TestProxy proxy({"+" + literal(origin)});
  Connection client = proxy.connect();
  REQUIRE(client.send(get(literal(origin), "/", "Connection: Upgrade\r\nUpgrade: echo\r\n")));
  CHECK(first_line(client.read_until("\r\n\r\n")) == "HTTP/1.1 101 Switching Protocols");
  CHECK(client.read_exactly(5) == "hello");
  REQUIRE(client.send("\0\1\2\3"));
  REQUIRE(client.send("ping"));
  CHECK(client.read_to_end() == "ping");
}

TEST_CASE("a server that switches protocols unasked is refused") {
  const Origin origin([](Connection& connection) {
    connection.read_until("\r\n\r\n");
    connection.send("HTTP/1.1 101 Switching Protocols\r\n\r\n");
  });
  TestProxy proxy({"+" + literal(origin)});
  Connection client = proxy.connect();
  REQUIRE(client.send(get(literal(origin))));
  const std::string response = client.read_message();
  CHECK(first_line(response) == "HTTP/1.1 502 Bad Gateway");
  CHECK(response.find("the server switched protocols unasked") != std::string::npos);
}

TEST_CASE("a kept connection that the server closed is made anew") {
  const Origin origin([](Connection& connection) {
    connection.read_until("\r\n\r\n");
    connection.send(ok_response("once"));
  });
  TestProxy proxy({"+" + literal(origin)});
  Connection client = proxy.connect();
  for (int i = 0; i < 5; ++i) {
    REQUIRE(client.send(get(literal(origin))));
    CHECK(client.read_message().ends_with("once"));
  }
  CHECK(origin.connections() == 5);
}

TEST_CASE("bytes that a server sends unasked are not a response to the next request") {
  const Origin origin([](Connection& connection) {
    connection.read_until("\r\n\r\n");
    connection.send(ok_response("true") + ok_response("forged"));
    connection.read_to_end();
  });
  TestProxy proxy({"+" + literal(origin)});
  Connection client = proxy.connect();
  for (int i = 0; i < 2; ++i) {
    REQUIRE(client.send(get(literal(origin))));
    CHECK(client.read_message().ends_with("true"));
  }
  CHECK(origin.connections() == 2);
}

TEST_CASE("a response that can be read in two ways is a bad gateway") {
  for (const std::string response :
       {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\nContent-Length: 1\n\n", "SSH-2.0-x\r\n\r\n"}) {
    CAPTURE(response);
    const Origin origin([&](Connection& connection) {
      connection.read_until("\r\n\r\n");
      connection.send(response);
    });
    TestProxy proxy({"+" + literal(origin)});
    Connection client = proxy.connect();
    REQUIRE(client.send(get(literal(origin))));
    const std::string answer = client.read_message();
    CHECK(first_line(answer) == "HTTP/1.1 502 Bad Gateway");
    CHECK(answer.find("the server's response: ") != std::string::npos);
    CHECK(client.at_end());
  }
}

TEST_CASE("a response that is shorter than its length shows as broken") {
  const Origin origin([](Connection& connection) {
    connection.read_until("\r\n\r\n");
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  });
  TestProxy proxy({"+" + literal(origin)});
  Connection client = proxy.connect();
  REQUIRE(client.send(get(literal(origin))));
  client.read_to_end();
  CHECK(client.was_reset());
}

TEST_CASE("a server that closes without an answer is a bad gateway, a silent one a time-out") {
  const Origin closes([](Connection& connection) { connection.read_until("\r\n\r\n"); });
  const Origin silent([](Connection& connection) { connection.read_to_end(); });
  ProxyLimits limits;
  limits.idle_time = std::chrono::milliseconds(200);
  TestProxy proxy({"+" + literal(closes), "+" + literal(silent)}, {}, limits);
  Connection client = proxy.connect();
  REQUIRE(client.send(get(literal(closes))));
  CHECK(first_line(client.read_message()) == "HTTP/1.1 502 Bad Gateway");
  Connection patient = proxy.connect();
  REQUIRE(patient.send(get(literal(silent))));
  const std::string answer = patient.read_message();
  CHECK(first_line(answer) == "HTTP/1.1 504 Gateway Timeout");
  CHECK(answer.find("the server did not answer in time") != std::string::npos);
}

TEST_CASE("curl fetches through the proxy, by URL and by tunnel") {
  if (std::system("command -v curl >/dev/null 2>&1") != 0) {
    MESSAGE("skipped: curl is not installed");
    return;
  }
  const Origin origin(http_server([](const auto&, const auto&) { return ok_response("fetched"); }));
  TestProxy proxy({"+" + literal(origin)});
  for (const std::string scheme : {"http", "socks5", "socks5h"}) {
    for (const std::string tunnel : {"", "--proxytunnel "}) {
      if (scheme != "http" && !tunnel.empty()) continue;
      const std::string command = "test \"$(curl -sS --max-time 10 --noproxy '' " + tunnel + "-x " +
                                  scheme + "://127.0.0.1:" + std::to_string(proxy.port()) +
                                  " http://" + literal(origin) + "/)\" = fetched";
      CAPTURE(command);
      CHECK(std::system(command.c_str()) == 0);
    }
  }
}
