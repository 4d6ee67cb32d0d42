#include "proxy/server/socks.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace std::string_view_literals;
using srt::net::choose_socks_method;
using srt::net::parse_socks_greeting;
using srt::net::parse_socks_login;
using srt::net::parse_socks_request;
using srt::net::SocksCommand;
using srt::net::SocksMethod;
using srt::net::SocksReply;

TEST_CASE("a greeting chooses no login before user and password, unless one is demanded") {
  struct Case {
    std::string_view bytes;
    SocksMethod method;
    SocksMethod demanded;
  };
  for (const Case& c :
       {Case{"\x05\x01\x00"sv, SocksMethod::none, SocksMethod::unacceptable},
        Case{"\x05\x02\x02\x00"sv, SocksMethod::none, SocksMethod::user_password},
        Case{"\x05\x02\x01\x02"sv, SocksMethod::user_password, SocksMethod::user_password},
        Case{"\x05\x01\x01"sv, SocksMethod::unacceptable, SocksMethod::unacceptable},
        Case{"\x05\x00"sv, SocksMethod::unacceptable, SocksMethod::unacceptable}}) {
    size_t length = 0;
    const auto greeting = parse_socks_greeting(c.bytes, length);
    REQUIRE(greeting);
    CHECK(choose_socks_method(*greeting, false) == c.method);
    CHECK(choose_socks_method(*greeting, true) == c.demanded);
    CHECK(length == c.bytes.size());
  }
  size_t length = 0;
  CHECK_FALSE(parse_socks_greeting("\x04\x01"sv, length));
}

TEST_CASE("messages are whole only at their last byte") {
  const auto login =
      "\x01\x03"
      "usr\x02pw"sv;
  const auto greeting = "\x05\x02\x00\x02"sv;
  const auto request =
      "\x05\x01\x00\x03\x05"
      "a.com\x01\xbb"sv;
  size_t length = 0;
  for (size_t cut = 0; cut < login.size(); ++cut) {
    CHECK(parse_socks_login(login.substr(0, cut), length));
    CHECK(length == 0);
  }
  const auto read = parse_socks_login(std::string(login) + "more", length);
  REQUIRE(read);
  CHECK(length == login.size());
  CHECK(read->user == "usr");
  CHECK(read->password == "pw");
  for (size_t cut = 0; cut < greeting.size(); ++cut) {
    CHECK(parse_socks_greeting(greeting.substr(0, cut), length));
    CHECK(length == 0);
  }
  for (size_t cut = 0; cut < request.size(); ++cut) {
    CHECK(parse_socks_request(request.substr(0, cut), length));
    CHECK(length == 0);
  }
  const auto whole = parse_socks_request(std::string(request) + "more", length);
  REQUIRE(whole);
  CHECK(length == request.size());
  CHECK(whole->host == "a.com");
  CHECK(whole->port == 443);
  CHECK(whole->command == SocksCommand::connect);
}

TEST_CASE("addresses are read from their bytes") {
  size_t length = 0;
  const auto four = parse_socks_request("\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x50"sv, length);
  REQUIRE(four);
  CHECK(four->host == "127.0.0.1");
  CHECK(four->port == 80);
  const auto six = parse_socks_request(
      "\x05\x01\x00\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x00\x50"sv, length);
  REQUIRE(six);
  CHECK(six->host == "2001:db8::1");
  CHECK(length == 22);
}

TEST_CASE("malformed requests and logins are refused") {
  size_t length = 0;
  for (const std::string_view bytes :
       {"\x04\x01\x00\x01\x7f\x00\x00\x01\x00\x50"sv, "\x05\x01\x01\x01\x7f\x00\x00\x01\x00\x50"sv,
        "\x05\x04\x00\x01\x7f\x00\x00\x01\x00\x50"sv, "\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50"sv,
        "\x05\x01\x00\x02\x7f\x00\x00\x01\x00\x50"sv,
        "\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x00"sv}) {
    CHECK_FALSE(parse_socks_request(bytes, length));
  }
  CHECK_FALSE(parse_socks_login("\x05\x01x\x01y"sv, length));
}

TEST_CASE("BIND and UDP ASSOCIATE are read, with their port left open") {
  size_t length = 0;
  const auto udp = parse_socks_request("\x05\x03\x00\x01\0\0\0\0\0\0"sv, length);
  REQUIRE(udp);
  CHECK(udp->command == SocksCommand::udp_associate);
}

TEST_CASE("replies have their form") {
  CHECK(srt::net::socks_method_reply(SocksMethod::none) == "\x05\x00"sv);
  CHECK(srt::net::socks_login_reply(true) == "\x01\x00"sv);
  CHECK(srt::net::socks_login_reply(false) == "\x01\x01"sv);
  CHECK(srt::net::socks_request_reply(SocksReply::not_allowed) == "\x05\x02\x00\x01\0\0\0\0\0\0"sv);
}
