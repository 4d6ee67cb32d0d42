#include <doctest/doctest.h>

#include <mutex>
#include <string>
#include <vector>

#include "harness.h"
#include "tests/support/client_hello.h"

using namespace srt::net;
using namespace srt::net::test;
using namespace std::string_literals;

namespace {

// An upstream proxy that keeps the heads of the requests it gets and answers as it is told: a
// tunnel then echoes, behind a greeting that comes with the answer.
class UpstreamProxy {
 public:
  explicit UpstreamProxy(std::string connect_answer = "HTTP/1.1 200 OK\r\n\r\nhello ",
                         std::string other_answer = ok_response("by upstream"))
      : connect_answer_(std::move(connect_answer)),
        other_answer_(std::move(other_answer)),
        origin_([this](Connection& connection) { serve(connection); }) {}

  std::string url(const std::string& user_info = "") const {
    return "http://" + user_info + name();
  }
  std::string name() const { return "127.0.0.1:" + std::to_string(origin_.port()); }
  int connections() const { return origin_.connections(); }
  std::vector<std::string> heads() {
    const std::lock_guard lock(mutex_);
    return heads_;
  }

 private:
  void serve(Connection& connection) {
    while (true) {
      const std::string head = connection.read_until("\r\n\r\n");
      if (!head.ends_with("\r\n\r\n")) return;
      {
        const std::lock_guard lock(mutex_);
        heads_.push_back(head);
      }
      const bool tunnel = head.starts_with("CONNECT ");
      if (!connection.send(tunnel ? connect_answer_ : other_answer_)) return;
      if (tunnel) {
        connection.send(connection.read_exactly(4));
        return;
      }
    }
  }

  std::string connect_answer_;
  std::string other_answer_;
  std::mutex mutex_;
  std::vector<std::string> heads_;
  Origin origin_;
};

std::string connect_request(const std::string& target) {
  return "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n\r\n";
}

std::string socks_request(const std::string& host) {
  return "\x05\x01\x00\x05\x01\x00\x03"s + static_cast<char>(host.size()) + host + "\x01\xbb"s;
}

// Through a tunnel to one.test:443, what comes back for "ping".
std::string ping(const TestProxy& proxy) {
  Connection client = proxy.connect();
  REQUIRE(client.send(connect_request("one.test:443") + "ping"));
  CHECK(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 200 "));
  return client.read_to_end();
}

}  // namespace

TEST_CASE("tunnels leave through the upstream proxy, which gets the name") {
  UpstreamProxy upstream;
  TestProxy proxy({"+one.test"}, {}, {}, {}, upstream.url("me:secret@"));
  CHECK(ping(proxy) == "hello ping");
  Connection client = proxy.connect();
  REQUIRE(client.send(socks_request("one.test") + "ping"));
  CHECK(client.read_exactly(12).substr(2, 2) == "\x05\x00"s);
  CHECK(client.read_to_end() == "hello ping");
  const std::string head =
      "CONNECT one.test:443 HTTP/1.1\r\nHost: one.test:443\r\n"
      "Proxy-Authorization: Basic bWU6c2VjcmV0\r\n\r\n";
  CHECK(upstream.heads() == std::vector<std::string>{head, head});
  CHECK(proxy.look_ups() == 0);
}

TEST_CASE("requests go to the upstream proxy in absolute form, on one connection") {
  UpstreamProxy upstream;
  TestProxy proxy({"+one.test"}, {}, {}, {}, upstream.url("me:secret@"));
  Connection client = proxy.connect();
  for (int i = 0; i < 2; ++i) {
    REQUIRE(
        client.send("GET http://one.test:8080/a?b HTTP/1.1\r\nHost: one.test:8080\r\n"
                    "Proxy-Authorization: Basic eA==\r\n\r\n"));
    CHECK(client.read_message().ends_with("by upstream"));
  }
  REQUIRE(client.send("OPTIONS http://one.test:8080 HTTP/1.1\r\nHost: one.test:8080\r\n\r\n"));
  CHECK(client.read_message().ends_with("by upstream"));
  const std::string fields =
      "Host: one.test:8080\r\nProxy-Authorization: Basic bWU6c2VjcmV0\r\n\r\n";
  const std::string get = "GET http://one.test:8080/a?b HTTP/1.1\r\n" + fields;
  CHECK(upstream.heads() ==
        std::vector<std::string>{get, get, "OPTIONS http://one.test:8080 HTTP/1.1\r\n" + fields});
  CHECK(upstream.connections() == 1);
  // A tunnel must not run over the connection that takes requests.
  REQUIRE(client.send(connect_request("one.test:8080") + "ping"));
  CHECK(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 200 "));
  CHECK(client.read_to_end() == "hello ping");
  CHECK(upstream.connections() == 2);
}

TEST_CASE("the policy decides before the upstream proxy is asked") {
  UpstreamProxy upstream;
  TestProxy proxy({"+one.test", "+192.0.2.0/24", "-192.0.2.9"}, {}, {}, {}, upstream.url());
  for (const char* target :
       {"two.test:443", "198.51.100.1:443", "192.0.2.9:443", "[::1]:443", "169.254.169.254:80"}) {
    Connection client = proxy.connect();
    REQUIRE(client.send(connect_request(target)));
    CHECK(client.read_message().starts_with("HTTP/1.1 403 "));
  }
  CHECK(upstream.connections() == 0);
}

TEST_CASE("P45: TLS through an upstream proxy names the host that was asked for") {
  UpstreamProxy upstream("HTTP/1.1 200 OK\r\n\r\n");
  TestProxy proxy({"+one.test"}, {}, {}, {}, upstream.url());
  Connection client = proxy.connect();
  REQUIRE(client.send(connect_request("one.test:443") + srt::test::hello_for("two.test")));
  client.read_to_end();
  CHECK(proxy.refusals(1).front().kind == RefusalKind::tls_name);
}

TEST_CASE("P43: where a rule denies addresses names are looked up and checked here") {
  UpstreamProxy upstream;
  TestProxy proxy(
      {"-10.0.0.0/8", "+one.test", "+two.test", "+three.test"},
      {{"one.test", {"10.0.0.1", "2001:db8::7", "192.0.2.7"}}, {"two.test", {"10.0.0.1"}}}, {}, {},
      upstream.url());
  CHECK(ping(proxy) == "hello ping");
  CHECK(upstream.heads().front().starts_with("CONNECT 192.0.2.7:443 HTTP/1.1\r\n"));

  Connection denied = proxy.connect();
  REQUIRE(denied.send(connect_request("two.test:443")));
  CHECK(denied.read_message().starts_with("HTTP/1.1 403 "));
  Connection unknown = proxy.connect();
  REQUIRE(unknown.send(connect_request("three.test:443")));
  const std::string answer = unknown.read_message();
  CHECK(answer.starts_with("HTTP/1.1 502 "));
  CHECK(answer.find("the policy denies addresses, so names are looked up here") !=
        std::string::npos);
  CHECK(upstream.connections() == 1);

  // Requests too go to the address that was checked, through a tunnel, with their Host field.
  Connection client = proxy.connect();
  REQUIRE(client.send("GET http://one.test/ HTTP/1.1\r\nHost: one.test\r\n\r\n"));
  client.end_sending();
  client.read_to_end();
  CHECK(upstream.heads().back().starts_with("CONNECT 192.0.2.7:80 HTTP/1.1\r\n"));
}

TEST_CASE("hosts of the no-proxy list are reached without the upstream proxy") {
  const Origin origin(http_server([](const auto&, const auto&) { return ok_response("direct"); }));
  UpstreamProxy upstream;
  TestProxy proxy({"+in.test", "+127.0.0.1"}, {{"in.test", {"127.0.0.1"}}}, {}, {}, upstream.url(),
                  ".in.test");
  for (const std::string host : {"in.test", "127.0.0.1"}) {
    const std::string authority = host + ":" + std::to_string(origin.port());
    Connection client = proxy.connect();
    REQUIRE(
        client.send("GET http://" + authority + "/ HTTP/1.1\r\nHost: " + authority + "\r\n\r\n"));
    CHECK(client.read_message().ends_with("direct"));
  }
  CHECK(upstream.connections() == 0);
}

TEST_CASE("what an upstream proxy fails at is told with 502, without credentials") {
  const auto answer_through = [](UpstreamProxy& upstream, const std::string& request,
                                 const std::string& user_info) {
    TestProxy proxy({"+one.test"}, {}, {}, {}, upstream.url(user_info));
    Connection client = proxy.connect();
    REQUIRE(client.send(request));
    const std::string answer = client.read_message();
    CHECK(answer.starts_with("HTTP/1.1 502 "));
    const Refusal refusal = proxy.refusals(1).front();
    CHECK(refusal.kind == RefusalKind::upstream_failed);
    CHECK_FALSE(is_blocked(refusal.kind));
    for (const std::string& text : {answer, refusal.message, refusal.help, refusal.target}) {
      CHECK(text.find("secret") == std::string::npos);
      CHECK(text.find("c2VjcmV0") == std::string::npos);
    }
    const std::string start = "`" + refusal.target +
                              "` could not be reached: the upstream proxy `" + upstream.name() +
                              "` ";
    REQUIRE(refusal.message.starts_with(start));
    return refusal.message.substr(start.size());
  };
  const std::string connect = connect_request("one.test:443");
  const std::string get = "GET http://one.test/ HTTP/1.1\r\nHost: one.test\r\n\r\n";
  const std::string wants =
      "HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm=\"x\"\r\n"
      "Content-Length: 0\r\n\r\n";
  UpstreamProxy closed_to_all(wants, wants);
  CHECK(answer_through(closed_to_all, connect, "") == "asks for a user name and a password");
  CHECK(answer_through(closed_to_all, connect, "me:secret@") ==
        "does not take the user name and password given");
  CHECK(answer_through(closed_to_all, get, "") == "asks for a user name and a password");
  UpstreamProxy forbidding("HTTP/1.0 403 Not \x1b[1m here\r\n\r\n");
  CHECK(answer_through(forbidding, connect, "me:secret@") == "does not answer in HTTP");
  UpstreamProxy refusing("HTTP/1.0 403 Not here\r\n\r\n");
  CHECK(answer_through(refusing, connect, "") == "answered `403 Not here`");
  UpstreamProxy babbling("SSH-2.0-x\r\n\r\n");
  CHECK(answer_through(babbling, connect, "") == "does not answer in HTTP");
  UpstreamProxy endless(std::string(200000, 'x'));
  CHECK(answer_through(endless, connect, "") == "does not answer in HTTP");
}

TEST_CASE("an upstream proxy that cannot be reached or says nothing is told of too") {
  uint16_t closed_port = 0;
  listen_on_loopback(AF_INET, &closed_port).reset();
  TestProxy unreachable({"+one.test"}, {}, {}, {},
                        "http://127.0.0.1:" + std::to_string(closed_port));
  Connection client = unreachable.connect();
  REQUIRE(client.send(connect_request("one.test:443")));
  CHECK(client.read_message().find("cannot be reached: Connection refused") != std::string::npos);

  TestProxy unknown({"+one.test"}, {}, {}, {}, "http://proxy.test");
  client = unknown.connect();
  REQUIRE(client.send(socks_request("one.test")));
  CHECK(client.read_to_end().substr(2, 2) == "\x05\x01"s);
  CHECK(unknown.refusals(1).front().message.ends_with("`proxy.test:80` cannot be resolved"));

  const Origin silent([](Connection& connection) { connection.read_to_end(); });
  ProxyLimits limits;
  limits.dial_time = std::chrono::milliseconds(200);
  TestProxy waiting({"+one.test"}, {}, limits, {},
                    "http://127.0.0.1:" + std::to_string(silent.port()));
  client = waiting.connect();
  REQUIRE(client.send(connect_request("one.test:443")));
  CHECK(client.read_message().find("does not answer\n") != std::string::npos);
}
