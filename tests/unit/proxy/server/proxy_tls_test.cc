#include <doctest/doctest.h>

#include <future>
#include <string>
#include <thread>

#include "harness.h"
#include "tests/support/client_hello.h"

using namespace srt::net;
using namespace srt::net::test;
using srt::test::client_hello;
using srt::test::hello_for;
using srt::test::in_records;
using namespace std::string_literals;

namespace {

constexpr std::string_view kAlert("\x15\x03\x01\x00\x02\x02\x70", 7);

// A server that keeps all that it gets.
class Sink {
 public:
  Sink() : origin_([this](Connection& peer) { received_.set_value(peer.read_to_end()); }) {}

  uint16_t port() const { return origin_.port(); }
  std::string received() { return received_.get_future().get(); }

 private:
  std::promise<std::string> received_;
  Origin origin_;
};

// Names that lead to this machine.
class TlsProxy : public TestProxy {
 public:
  explicit TlsProxy(const std::string& one = "+one.test", ProxyLimits limits = {})
      : TestProxy({one, "+two.test", "+127.0.0.1"},
                  {{"one.test", {"127.0.0.1"}}, {"two.test", {"127.0.0.1"}}}, limits) {}

  Connection by_connect(const std::string& host, uint16_t port) const {
    const std::string target = host + ":" + std::to_string(port);
    Connection client = connect();
    REQUIRE(client.send("CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n\r\n"));
    REQUIRE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 200 "));
    return client;
  }

  Connection by_socks(const std::string& host, uint16_t port) const {
    Connection client = connect();
    REQUIRE(client.send("\x05\x01\x00\x05\x01\x00\x03"s + static_cast<char>(host.size()) + host +
                        static_cast<char>(port >> 8) + static_cast<char>(port)));
    REQUIRE(client.read_exactly(12).substr(2, 2) == "\x05\x00"s);
    return client;
  }
};

}  // namespace

TEST_CASE("TLS that names the host asked for passes, however its bytes come") {
  const std::string hello = in_records(client_hello(srt::test::server_name({"ONE.test"})), 20);
  for (const bool socks : {false, true}) {
    for (const bool in_pieces : {false, true}) {
      Sink sink;
      TlsProxy proxy;
      Connection client = socks ? proxy.by_socks("one.test", sink.port())
                                : proxy.by_connect("one.test", sink.port());
      if (in_pieces) {
        for (const char byte : hello) REQUIRE(client.send({&byte, 1}));
      } else {
        REQUIRE(client.send(hello));
      }
      REQUIRE(client.send("what follows"));
      client.end_sending();
      CHECK(sink.received() == hello + "what follows");
    }
  }
}

TEST_CASE("P45: CONNECT to an allowed name with another name in the ClientHello is refused") {
  for (const bool socks : {false, true}) {
    Sink sink;
    TlsProxy proxy;
    Connection client =
        socks ? proxy.by_socks("one.test", sink.port()) : proxy.by_connect("one.test", sink.port());
    REQUIRE(client.send(hello_for("two.test") + "early"));
    CHECK(client.read_to_end() == kAlert);
    CHECK(sink.received().empty());
    const Refusal refusal = proxy.refusals(1).front();
    CHECK(refusal.kind == RefusalKind::tls_name);
    CHECK(is_blocked(refusal.kind));
    CHECK(refusal.rule == 0);
    const std::string target = "one.test:" + std::to_string(sink.port());
    CHECK(refusal.target == target);
    CHECK(refusal.message == "`" + target + "` was asked for: the TLS hello names `two.test`");
    CHECK(refusal.help.ends_with("`allow connect " + target + " tls-name any` in the policy"));
  }
}

TEST_CASE("P45: TLS without a name reaches addresses, not names") {
  const std::string hello = in_records(client_hello(""));
  {
    Sink sink;
    TlsProxy proxy;
    Connection client = proxy.by_connect("127.0.0.1", sink.port());
    REQUIRE(client.send(hello));
    client.end_sending();
    CHECK(sink.received() == hello);
  }
  Sink sink;
  TlsProxy proxy;
  Connection client = proxy.by_connect("one.test", sink.port());
  REQUIRE(client.send(hello));
  CHECK(client.read_to_end() == kAlert);
  CHECK(sink.received().empty());
}

TEST_CASE("P45: a hello sent ahead of the proxy's answer is judged too") {
  Sink sink;
  TlsProxy proxy;
  const std::string target = "one.test:" + std::to_string(sink.port());
  Connection client = proxy.connect();
  REQUIRE(client.send("CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n\r\n" +
                      hello_for("two.test")));
  CHECK(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 200 "));
  CHECK(client.read_to_end() == kAlert);
  CHECK(sink.received().empty());
}

TEST_CASE("where the rule says `tls-name any` TLS may name any host") {
  Sink sink;
  TlsProxy proxy("~one.test");
  Connection client = proxy.by_connect("one.test", sink.port());
  REQUIRE(client.send(hello_for("two.test")));
  client.end_sending();
  CHECK(sink.received() == hello_for("two.test"));
}

TEST_CASE("a hello that is not whole is not passed on, and a slow one ends") {
  const std::string hello = hello_for("one.test");
  {
    Sink sink;
    TlsProxy proxy;
    Connection client = proxy.by_connect("one.test", sink.port());
    REQUIRE(client.send(hello.substr(0, hello.size() - 1)));
    client.end_sending();
    client.read_to_end();
    CHECK(sink.received().empty());
  }
  Sink sink;
  ProxyLimits limits;
  limits.head_time = std::chrono::milliseconds(200);
  TlsProxy proxy("+one.test", limits);
  Connection client = proxy.by_connect("one.test", sink.port());
  REQUIRE(client.send(hello.substr(0, 20)));
  client.read_to_end();
  CHECK(sink.received().empty());
}

TEST_CASE("a server that speaks first is heard before the client has said anything") {
  const Origin origin([](Connection& connection) {
    connection.send("220 ready\r\n");
    connection.send("you said " + connection.read_until("\r\n"));
  });
  TlsProxy proxy;
  for (const bool socks : {false, true}) {
    Connection client = socks ? proxy.by_socks("one.test", origin.port())
                              : proxy.by_connect("one.test", origin.port());
    CHECK(client.read_until("\r\n") == "220 ready\r\n");
    REQUIRE(client.send("EHLO me\r\n"));
    CHECK(client.read_to_end() == "you said EHLO me\r\n");
  }
}

TEST_CASE("what is no TLS passes at once") {
  const Origin origin([](Connection& connection) {
    connection.send("got " + connection.read_exactly(1));
    connection.read_to_end();
  });
  TlsProxy proxy;
  Connection client = proxy.by_connect("one.test", origin.port());
  REQUIRE(client.send("\n"));
  CHECK(client.read_exactly(5) == "got \n");
}
