#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "harness.h"

using namespace srt::net;
using namespace srt::net::test;
using namespace std::string_view_literals;

namespace {

std::string literal(uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

std::string first_line(const std::string& head) { return head.substr(0, head.find("\r\n")); }

std::string get(const std::string& authority) {
  return "GET http://" + authority + "/ HTTP/1.1\r\nHost: " + authority + "\r\n\r\n";
}

std::string connect(const std::string& authority) {
  return "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n";
}

// What a client that sends `bytes` and no more is answered, until its connection ends.
std::string answer(const TestProxy& proxy, std::string_view bytes) {
  Connection client = proxy.connect();
  REQUIRE(client.send(bytes));
  std::string all = client.read_to_end();
  CHECK_FALSE(client.was_reset());
  return all;
}

}  // namespace

TEST_CASE("a refusal says what was refused, why, and what to do") {
  TestProxy proxy({"+*", "-evil.test:443 keep out"});
  const std::string response = answer(proxy, connect("evil.test:443"));
  CHECK(response ==
        "HTTP/1.1 403 Forbidden\r\n"
        "X-Proxy-Error: blocked-by-srt\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Length: 174\r\n"
        "Connection: close\r\n\r\n"
        "blocked by srt: a rule of the policy denies `evil.test:443`\n"
        "because: keep out\n"
        "help: if the command needs it, add `allow connect evil.test:443` to the policy behind "
        "that rule\n");
  const std::vector<Refusal> refusals = proxy.refusals(1);
  CHECK(refusals[0].kind == RefusalKind::blocked);
  CHECK(refusals[0].target == "evil.test:443");
  CHECK(refusals[0].because == "keep out");
  CHECK(refusals[0].rule == 1);
}

TEST_CASE("P42: without rules everything is refused, and no rule is named") {
  TestProxy proxy({});
  CHECK(first_line(answer(proxy, connect("example.test:443"))) == "HTTP/1.1 403 Forbidden");
  const std::vector<Refusal> refusals = proxy.refusals(1);
  CHECK_FALSE(refusals[0].rule);
  CHECK(refusals[0].message == "no rule of the policy allows `example.test:443`");
  CHECK(proxy.look_ups() == 0);
}

TEST_CASE("P46: an allowed host is refused on another port") {
  TestProxy proxy({"+one.test:443"}, {{"one.test", {"127.0.0.1"}}});
  CHECK(first_line(answer(proxy, connect("one.test:22"))) == "HTTP/1.1 403 Forbidden");
  Connection client = proxy.connect();
  REQUIRE(client.send(get("one.test:80")));
  CHECK(first_line(client.read_message()) == "HTTP/1.1 403 Forbidden");
}

TEST_CASE("P43: an allowed name that leads to a guarded address is refused") {
  const Origin origin([](Connection&) { FAIL("the server must not be reached"); });
  TestProxy proxy({"+*"},
                  {{"loop.test", {"127.0.0.1"}},
                   {"six.test", {"::1"}},
                   {"embedded.test", {"64:ff9b::7f00:1"}},
                   {"metadata.test", {"169.254.169.254"}},
                   {"own.test", {"192.0.2.7"}}},
                  {}, {"192.0.2.7"});
  for (const std::string name :
       {"loop.test", "six.test", "embedded.test", "metadata.test", "own.test"}) {
    CAPTURE(name);
    const std::string response = answer(proxy, connect(name + ":" + std::to_string(origin.port())));
    CHECK(first_line(response) == "HTTP/1.1 403 Forbidden");
    CHECK(response.find("`" + name + "` has the address") != std::string::npos);
  }
  CHECK(proxy.refusals(5)[0].kind == RefusalKind::blocked_address);
  CHECK(origin.connections() == 0);
}

TEST_CASE("P43: a name is looked up once for a connection") {
  const Origin origin(http_server([](const auto&, const auto&) { return ok_response("x"); }));
  TestProxy proxy({"+one.test", "+" + literal(origin.port())}, {{"one.test", {"127.0.0.1"}}});
  Connection client = proxy.connect();
  REQUIRE(client.send(get("one.test:" + std::to_string(origin.port()))));
  CHECK(client.read_message().ends_with("x"));
  CHECK(proxy.look_ups() == 1);
}

TEST_CASE("P44: spellings of loopback are refused unless a rule names the address") {
  const Origin origin(http_server([](const auto&, const auto&) { return ok_response("in"); }));
  const std::string port = ":" + std::to_string(origin.port());
  TestProxy closed({"+*"});
  TestProxy open({"+127.0.0.1"});
  for (const std::string host :
       {"127.1", "2130706433", "0x7f000001", "127.0.0.1.", "[::ffff:127.0.0.1]"}) {
    CAPTURE(host);
    CHECK(first_line(answer(closed, connect(host + port))) == "HTTP/1.1 403 Forbidden");
    Connection client = open.connect();
    REQUIRE(client.send(get(host + port)));
    CHECK(client.read_message().ends_with("in"));
  }
  for (const std::string host : {"0", "localhost", "LOCALHOST.", "[64:ff9b::7f00:1]", "[::1]"}) {
    CAPTURE(host);
    CHECK(first_line(answer(open, connect(host + port))) == "HTTP/1.1 403 Forbidden");
  }
}

TEST_CASE("localhost, where allowed, is loopback without a look-up") {
  const Origin origin(http_server([](const auto&, const auto&) { return ok_response("local"); }));
  TestProxy proxy({"+localhost:" + std::to_string(origin.port())}, {{"localhost", {"192.0.2.1"}}});
  Connection client = proxy.connect();
  REQUIRE(client.send(get("localhost:" + std::to_string(origin.port()))));
  CHECK(client.read_message().ends_with("local"));
  CHECK(proxy.look_ups() == 0);
}

TEST_CASE("P48: requests that can be read in two ways are refused and reach no server") {
  const Origin origin([](Connection&) { FAIL("the server must not be reached"); });
  const std::string authority = literal(origin.port());
  TestProxy proxy({"+*", "+" + authority});
  const std::string line = "POST http://" + authority + "/ HTTP/1.1\r\n";
  const std::string host = "Host: " + authority + "\r\n";
  for (const std::string& bytes : std::vector<std::string>{
           line + host + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           line + host + "Content-Length: 4\r\nContent-Length: 4\r\n\r\nbody",
           line + host + "Content-Length: 4, 4\r\n\r\nbody",
           line + host + "Content-Length: +4\r\n\r\nbody",
           line + host + "Content-Length: 0x4\r\n\r\nbody",
           line + host + "Content-Length: 18446744073709551616\r\n\r\nbody",
           line + host + "Transfer-Encoding: gzip\r\n\r\n",
           line + host + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
           line + host + "Transfer-Encoding: identity\r\nContent-Length: 4\r\n\r\nbody",
           line + host + "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n",
           "POST http://" + authority + "/ HTTP/1.0\r\n" + host +
               "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           line + host + "X: a\rY: b\r\n\r\n",
           "GET http://" + authority + "@denied.test/ HTTP/1.1\r\nHost: denied.test\r\n\r\n",
           "GET http://" + authority + "/ x HTTP/1.1\r\n" + host + "\r\n",
           line + host + "Transfer-Encoding : chunked\r\n\r\n",
           line + host + "X: a\r\n b\r\n\r\n",
           line + host + "X: a\n\r\n",
           line + host + host + "\r\n",
           line + host + "X: a" + std::string(1, '\0') + "\r\n\r\n",
           line + "\r\n",
           "\r\n" + line + host + "\r\n",
           "GET http://127%2e0.0.1/ HTTP/1.1\r\nHost: 127%2e0.0.1\r\n\r\n",
           "GET / HTTP/1.1\r\n" + host + "\r\n",
           "GET http://" + authority + "/ HTTP/1.1\n" + host + "\n",
           "CONNECT " + authority + " HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\nGET",
           std::string("\x16\x03\x01\x00\xa5\x01\x00", 7),
           std::string("\x04\x01\x00\x50\x7f\x00\x00\x01\x00", 9),
       }) {
    CAPTURE(bytes);
    CHECK(first_line(answer(proxy, bytes)) == "HTTP/1.1 400 Bad Request");
  }
  CHECK(origin.connections() == 0);
}

TEST_CASE("P48: a malformed chunk stops the request before the server has it whole") {
  std::string received;
  {
    const Origin origin([&](Connection& connection) { received = connection.read_to_end(); });
    TestProxy proxy({"+" + literal(origin.port())});
    const std::string response =
        answer(proxy, "POST http://" + literal(origin.port()) +
                          "/ HTTP/1.1\r\nHost: " + literal(origin.port()) +
                          "\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwikiX\r\n0\r\n\r\n");
    CHECK(first_line(response) == "HTTP/1.1 400 Bad Request");
    CHECK(response.find("a chunk") != std::string::npos);
  }
  CHECK(received.find("0\r\n\r\n") == std::string::npos);
}

TEST_CASE("P45: a Host field that names another host is refused") {
  const Origin origin([](Connection&) { FAIL("the server must not be reached"); });
  TestProxy proxy({"+" + literal(origin.port()), "+other.test"});
  const std::string misdirected = "HTTP/1.1 421 Misdirected Request";
  CHECK(first_line(answer(proxy, "GET http://" + literal(origin.port()) +
                                     "/ HTTP/1.1\r\nHost: other.test\r\n\r\n")) == misdirected);
  CHECK(first_line(answer(proxy, "CONNECT " + literal(origin.port()) +
                                     " HTTP/1.1\r\nHost: other.test:443\r\n\r\n")) == misdirected);
}

TEST_CASE("P48: what follows a refused CONNECT is not read as a request") {
  const Origin origin([](Connection&) { FAIL("the server must not be reached"); });
  TestProxy proxy({"+" + literal(origin.port())});
  const std::string response =
      answer(proxy, connect("denied.test:443") + get(literal(origin.port())));
  CHECK(first_line(response) == "HTTP/1.1 403 Forbidden");
  CHECK(response.find("HTTP/1.1", 1) == std::string::npos);
  CHECK(origin.connections() == 0);
}

TEST_CASE("a refused request's body is not read as the next request") {
  TestProxy proxy({});
  const std::string body = get("smuggled.test");
  const std::string response =
      answer(proxy, "POST http://denied.test/ HTTP/1.1\r\nHost: denied.test\r\nContent-Length: " +
                        std::to_string(body.size()) + "\r\n\r\n" + body);
  CHECK(first_line(response) == "HTTP/1.1 403 Forbidden");
  CHECK(response.find("smuggled") == std::string::npos);
  CHECK(proxy.refusals(1).size() == 1);
}

TEST_CASE("failures on the way to the server are told apart") {
  uint16_t closed_port = 0;
  listen_on_loopback(AF_INET, &closed_port).reset();
  ProxyLimits limits;
  limits.resolve_time = std::chrono::milliseconds(200);
  TestProxy proxy({"+*", "+" + literal(closed_port)}, {{"silent.test", {}}}, limits);

  const std::string unknown = answer(proxy, connect("unknown.test:443"));
  CHECK(first_line(unknown) == "HTTP/1.1 502 Bad Gateway");
  CHECK(unknown.find("`unknown.test` could not be resolved: there is no such name") !=
        std::string::npos);
  CHECK(unknown.find("X-Proxy-Error") == std::string::npos);

  const std::string silent = answer(proxy, connect("silent.test:443"));
  CHECK(first_line(silent) == "HTTP/1.1 504 Gateway Timeout");
  CHECK(silent.find("no name server answered in time") != std::string::npos);

  const std::string refused = answer(proxy, connect(literal(closed_port)));
  CHECK(first_line(refused) == "HTTP/1.1 502 Bad Gateway");
  CHECK(refused.find("could not be reached: Connection refused") != std::string::npos);
}

TEST_CASE("a dead address is passed over for the next one") {
  const Origin origin(http_server([](const auto&, const auto&) { return ok_response("alive"); }));
  const std::string port = std::to_string(origin.port());
  // Nothing listens on these loopback addresses; the port is the server's.
  TestProxy proxy({"+many.test", "+127.0.0.0/8", "+[::1]"},
                  {{"many.test", {"127.0.0.2", "::1", "127.0.0.3", "127.0.0.1"}}});
  Connection client = proxy.connect();
  REQUIRE(client.send(get("many.test:" + port)));
  CHECK(client.read_message().ends_with("alive"));
}

TEST_CASE("only the addresses that passed the check are dialed") {
  const Origin origin(http_server([](const auto&, const auto&) { return ok_response("alive"); }));
  const Origin guarded([](Connection&) { FAIL("the server must not be reached"); }, AF_INET6);
  TestProxy proxy({"+two.test", "+127.0.0.1"}, {{"two.test", {"::1", "127.0.0.1"}}});
  Connection client = proxy.connect();
  REQUIRE(client.send(get("two.test:" + std::to_string(origin.port()))));
  CHECK(client.read_message().ends_with("alive"));
  CHECK(first_line(answer(proxy, connect("two.test:" + std::to_string(guarded.port())))) ==
        "HTTP/1.1 502 Bad Gateway");
  CHECK(guarded.connections() == 0);
}

TEST_CASE("P49: clients that are slow or silent lose their connection and nothing else") {
  const Origin origin(http_server([](const auto&, const auto&) { return ok_response("x"); }));
  ProxyLimits limits;
  limits.head_time = std::chrono::milliseconds(200);
  limits.connections = 4;
  TestProxy proxy({"+" + literal(origin.port())}, {}, limits);
  // More than there are slots; the last one is served when time has run out for the others.
  std::vector<Connection> slow;
  for (int i = 0; i < 8; ++i) slow.push_back(proxy.connect());
  for (size_t i = 0; i < slow.size(); i += 2) REQUIRE(slow[i].send("GET http://"));
  Connection client = proxy.connect();
  REQUIRE(client.send(get(literal(origin.port()))));
  CHECK(client.read_message().ends_with("x"));
  for (Connection& connection : slow) CHECK(connection.at_end());
}

TEST_CASE("P49: bytes that drip do not renew the time for a head") {
  ProxyLimits limits;
  limits.head_time = std::chrono::milliseconds(300);
  TestProxy proxy({"+*"}, {}, limits);
  // Many, so that bytes of some have just come whenever the proxy looks at its clock.
  std::vector<Connection> clients;
  for (int i = 0; i < 40; ++i) {
    clients.push_back(proxy.connect());
    REQUIRE(clients.back().send("GET http://a/ HTTP/1.1\r\n"));
  }
  const auto start = std::chrono::steady_clock::now();
  while (!clients.empty() && std::chrono::steady_clock::now() - start < std::chrono::seconds(10)) {
    std::erase_if(clients, [](Connection& client) { return !client.send("X"); });
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  CHECK(clients.empty());
}

TEST_CASE("a head longer than the cap is refused, one at the cap is not") {
  const Origin origin(http_server([](const auto&, const auto&) { return ok_response("fits"); }));
  ProxyLimits limits;
  limits.head_bytes = 8192;
  TestProxy proxy({"+" + literal(origin.port())}, {}, limits);
  std::string head = get(literal(origin.port()));
  const std::string field = "X: ";
  head.insert(head.size() - 2,
              field + std::string(8192 - head.size() - field.size() - 2, 'x') + "\r\n");
  REQUIRE(head.size() == 8192);
  Connection client = proxy.connect();
  REQUIRE(client.send(head));
  CHECK(client.read_message().ends_with("fits"));

  head.insert(head.size() - 4, "x");
  CHECK(first_line(answer(proxy, head)) == "HTTP/1.1 431 Request Header Fields Too Large");
  const std::string endless = "GET http://a/ HTTP/1.1\r\nX: " + std::string(20000, 'x');
  CHECK(first_line(answer(proxy, endless)) == "HTTP/1.1 431 Request Header Fields Too Large");
}
