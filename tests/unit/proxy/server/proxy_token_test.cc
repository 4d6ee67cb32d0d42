#include <doctest/doctest.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "harness.h"
#include "proxy/upstream/upstream.h"

using namespace srt::net;
using namespace srt::net::test;
using namespace std::string_literals;
using namespace std::string_view_literals;

// A listener that others than the command can reach.

namespace {

constexpr std::string_view kDemand = "HTTP/1.1 407 Proxy Authentication Required\r\n";

std::string literal(uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

// The field by which a client with this user name and password authenticates, as a client has it.
std::string login_field(const std::string& user_info) {
  return "Proxy-Authorization: " +
         parse_upstream("http://" + user_info + "@h").value().authorization + "\r\n";
}

std::string request(uint16_t port, const std::string& fields) {
  return "GET http://" + literal(port) + "/ HTTP/1.1\r\nHost: " + literal(port) + "\r\n" + fields +
         "\r\n";
}

std::string socks_login(std::string_view user, std::string_view password) {
  return "\x01"s + static_cast<char>(user.size()) + std::string(user) +
         static_cast<char>(password.size()) + std::string(password);
}

std::string password_of(const ClientToken& token) {
  const std::string user_info = token.user_info();
  return user_info.substr(user_info.find(':') + 1);
}

}  // namespace

TEST_CASE("each token is another, and is plain in a URL") {
  const std::string one = ClientToken::make().value().user_info();
  const std::string other = ClientToken::make().value().user_info();
  CHECK(one != other);
  CHECK(one.starts_with("srt:"));
  CHECK(one.size() == 4 + 32);
  CHECK(one.find_first_not_of("0123456789abcdef", 4) == std::string::npos);
}

TEST_CASE("with a token each HTTP request has to carry it, and the server does not see it") {
  std::string seen;
  const Origin origin(http_server([&](const std::string& head, const auto&) {
    seen = head;
    return ok_response("served");
  }));
  TestProxy proxy({"+" + literal(origin.port())});
  const ClientToken token = ClientToken::make().value();
  const uint16_t port = proxy.serve(token);
  const std::string right = login_field(token.user_info());
  {
    Connection client = connect_to(port);
    for (int i = 0; i < 2; ++i) {
      REQUIRE(client.send(request(origin.port(), right)));
      CHECK(client.read_message().ends_with("\r\n\r\nserved"));
    }
    CHECK(seen.find("uthorization") == std::string::npos);
    REQUIRE(client.send(request(origin.port(), "")));
    CHECK(client.read_message().starts_with(kDemand));
    CHECK(client.at_end());
  }
  const std::string wrong = login_field("srt:" + std::string(32, '0'));
  for (const std::string& fields :
       {""s, wrong, login_field("srt:"), login_field("other:" + password_of(token)),
        "Proxy-Authorization: Basic\r\n"s, "Proxy-Authorization: Bearer " + right.substr(27),
        "Authorization: " + right.substr(21), right + right, wrong + right}) {
    CAPTURE(fields);
    Connection client = connect_to(port);
    REQUIRE(client.send(request(origin.port(), fields)));
    const std::string answer = client.read_message();
    CHECK(answer.starts_with(kDemand));
    CHECK(answer.find("\r\nProxy-Authenticate: Basic realm=\"srt\"\r\n") != std::string::npos);
    CHECK(client.at_end());
  }
  CHECK(origin.connections() == 1);
}

TEST_CASE(
    "with a token a tunnel takes it, and what the policy says is told and reported after it") {
  const Origin origin([](Connection& connection) { connection.send(connection.read_exactly(4)); });
  TestProxy proxy({"+" + literal(origin.port())});
  const ClientToken token = ClientToken::make().value();
  const uint16_t port = proxy.serve(token);
  const auto ask = [&](const std::string& target, const std::string& fields) {
    Connection client = connect_to(port);
    REQUIRE(client.send("CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n" + fields +
                        "\r\n"));
    return client;
  };
  CHECK(ask("denied.test:443", "").read_message().starts_with(kDemand));
  Connection bad = connect_to(port);
  REQUIRE(bad.send("GET \n"));
  CHECK(bad.read_message().starts_with("HTTP/1.1 400 "));

  const std::string right = login_field(token.user_info());
  CHECK(ask("told.test:443", right).read_message().starts_with("HTTP/1.1 403 "));
  const std::vector<Refusal> refusals = proxy.refusals(1);
  REQUIRE(refusals.size() == 1);
  CHECK(refusals[0].target == "told.test:443");

  Connection tunnel = ask(literal(origin.port()), right);
  CHECK(tunnel.read_until("\r\n\r\n").starts_with("HTTP/1.1 200 "));
  REQUIRE(tunnel.send("ping"));
  CHECK(tunnel.read_to_end() == "ping");
}

TEST_CASE("with a token SOCKS5 clients log in with it") {
  const Origin origin([](Connection& connection) { connection.send(connection.read_exactly(4)); });
  TestProxy proxy({"+" + literal(origin.port())});
  const ClientToken token = ClientToken::make().value();
  const uint16_t port = proxy.serve(token);
  const std::string target = "\x05\x01\x00\x01\x7f\x00\x00\x01"s +
                             static_cast<char>(origin.port() >> 8) +
                             static_cast<char>(origin.port());

  Connection without = connect_to(port);
  REQUIRE(without.send("\x05\x01\x00"sv));
  CHECK(without.read_to_end() == "\x05\xff"sv);

  for (const std::string& login : {socks_login("srt", "wrong"), socks_login("", ""),
                                   socks_login("other", password_of(token))}) {
    Connection wrong = connect_to(port);
    REQUIRE(wrong.send("\x05\x02\x00\x02"s + login + target));
    CHECK(wrong.read_to_end() == "\x05\x02\x01\x01"sv);
  }

  Connection right = connect_to(port);
  REQUIRE(
      right.send("\x05\x02\x00\x02"s + socks_login("srt", password_of(token)) + target + "ping"));
  CHECK(right.read_exactly(4) == "\x05\x02\x01\x00"sv);
  CHECK(right.read_exactly(10).starts_with("\x05\x00"sv));
  CHECK(right.read_to_end() == "ping");
  CHECK(origin.connections() == 1);
}

TEST_CASE("curl is served with the token in the proxy's URL, in HTTP, through a tunnel and SOCKS") {
  const Origin origin(http_server([](const auto&, const auto&) { return ok_response("served"); }));
  TestProxy proxy({"+" + literal(origin.port())});
  const ClientToken token = ClientToken::make().value();
  const std::string at = "@127.0.0.1:" + std::to_string(proxy.serve(token));
  const auto status = [&](const std::string& user_info, const std::string& way) {
    const std::string command = "curl -sfo /dev/null -m 10 -x " + way + "://" + user_info + at +
                                (way == "http" ? "" : " -p") + " http://" + literal(origin.port());
    return std::system(command.c_str());
  };
  for (const char* way : {"http", "socks5h"}) {
    CHECK(status(token.user_info(), way) == 0);
    CHECK(status("srt:wrong", way) != 0);
  }
  const std::string asked_first = "curl -sfo /dev/null -m 10 --proxy-anyauth -p -x http://" +
                                  token.user_info() + at + " http://" + literal(origin.port());
  CHECK(std::system(asked_first.c_str()) == 0);
}
