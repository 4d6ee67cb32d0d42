#include "proxy/server/http.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace std::string_view_literals;
using srt::Result;
using srt::net::Authority;
using srt::net::ForwardTarget;
using srt::net::head_length;
using srt::net::host_field_agrees;
using srt::net::parse_authority;
using srt::net::parse_fields;
using srt::net::parse_forward_target;
using srt::net::parse_request_head;
using srt::net::parse_response_head;
using srt::net::RequestHead;

namespace {

Result<size_t> length_of(std::string_view bytes) {
  size_t scanned = 0;
  return head_length(bytes, scanned);
}

RequestHead request(std::string_view text) {
  Result<RequestHead> head = parse_request_head(text);
  REQUIRE_MESSAGE(head, text);
  return *head;
}

}  // namespace

TEST_CASE("the end of a head is found wherever its bytes are cut") {
  const std::string head = "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string bytes = head + "body\r\n\r\n";
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    size_t scanned = 0;
    const Result<size_t> first = head_length(std::string_view(bytes).substr(0, cut), scanned);
    REQUIRE(first);
    CHECK(*first == (cut < head.size() ? 0 : head.size()));
    if (*first > 0) continue;
    const Result<size_t> second = head_length(bytes, scanned);
    REQUIRE(second);
    CHECK(*second == head.size());
  }
}

TEST_CASE("P48: bare LF, bare CR, NUL and a leading empty line end the reading at once") {
  for (const std::string_view bytes :
       {"GET / HTTP/1.1\nHost: a\r\n"sv, "GET / HTTP/1.1\r\nHost: a\n\n"sv, "GET /\rx"sv,
        "GET /\0"sv, "\r\nGET / HTTP/1.1\r\n"sv, "\n"sv, "GET / HTTP/1.1\r\n\n"sv}) {
    CAPTURE(bytes);
    CHECK_FALSE(length_of(bytes));
  }
}

TEST_CASE("a request head is read") {
  const std::string text =
      "POST http://a/x?y HTTP/1.1\r\nHost: a\r\nX-Empty:\r\nAccept: \t a, b \r\nAccept: c\r\n\r\n";
  const RequestHead head = request(text);
  CHECK(head.method == "POST");
  CHECK(head.target == "http://a/x?y");
  CHECK(head.minor_version == 1);
  CHECK(head.fields.all().size() == 4);
  CHECK(head.fields.find("x-empty") == "");
  CHECK(head.fields.find("ACCEPT") == "a, b");
  CHECK(head.fields.count("accept") == 2);
  CHECK(head.fields.has_token("accept", "B"));
  CHECK(head.fields.has_token("accept", "c"));
  CHECK_FALSE(head.fields.has_token("accept", "a, b"));
  CHECK_FALSE(head.fields.find("missing"));
}

TEST_CASE("P48: request heads that can be read in two ways are refused") {
  for (const std::string_view text :
       {"GET  http://a/ HTTP/1.1\r\n\r\n"sv, "GET http://a/ HTTP/1.1 \r\n\r\n"sv,
        "GET http://a/ HTTP/2.0\r\n\r\n"sv, "GET http://a/\r\n\r\n"sv, "GET\r\n\r\n"sv,
        "G@T http://a/ HTTP/1.1\r\n\r\n"sv, " GET http://a/ HTTP/1.1\r\n\r\n"sv,
        "GET http://a/\tb HTTP/1.1\r\n\r\n"sv, "GET http://a/\xc3\xbc HTTP/1.1\r\n\r\n"sv,
        "GET http://a/ HTTP/1.1\r\nHost : a\r\n\r\n"sv,
        "GET http://a/ HTTP/1.1\r\n Host: a\r\n\r\n"sv,
        "GET http://a/ HTTP/1.1\r\nHost: a\r\n b\r\n\r\n"sv,
        "GET http://a/ HTTP/1.1\r\nHost: a\r\n\tb\r\n\r\n"sv,
        "GET http://a/ HTTP/1.1\r\nHost\r\n\r\n"sv, "GET http://a/ HTTP/1.1\r\n: a\r\n\r\n"sv,
        "GET http://a/ HTTP/1.1\r\nHost: a\x01\r\n\r\n"sv,
        "GET http://a/ HTTP/1.1\r\nHo st: a\r\n\r\n"sv}) {
    CAPTURE(text);
    CHECK_FALSE(parse_request_head(text));
  }
}

TEST_CASE("a response head is read, with and without a reason") {
  const auto full = parse_response_head("HTTP/1.1 404 Not Found\r\nA: b\r\n\r\n");
  REQUIRE(full);
  CHECK(full->status == 404);
  CHECK(full->reason == "Not Found");
  CHECK(full->fields.find("a") == "b");
  const auto bare = parse_response_head("HTTP/1.0 200 \r\n\r\n");
  REQUIRE(bare);
  CHECK(bare->minor_version == 0);
  CHECK(parse_response_head("HTTP/1.1 200\r\n\r\n"));
  for (const std::string_view text :
       {"HTTP/1.1 20 OK\r\n\r\n"sv, "HTTP/1.1 2000 OK\r\n\r\n"sv, "HTTP/1.1 099 X\r\n\r\n"sv,
        "ICY 200 OK\r\n\r\n"sv, "HTTP/1.1 2x0 OK\r\n\r\n"sv, "HTTP/1.1 200 \x01\r\n\r\n"sv}) {
    CAPTURE(text);
    CHECK_FALSE(parse_response_head(text));
  }
}

TEST_CASE("fields alone are read, as trailers are") {
  CHECK(parse_fields("")->all().empty());
  CHECK(parse_fields("A: b\r\nC: d\r\n")->all().size() == 2);
  CHECK_FALSE(parse_fields("A: b\r\n C: d\r\n"));
}

TEST_CASE("an authority is a host and a port") {
  struct Case {
    std::string_view text;
    std::string_view canonical;
  };
  for (const Case& c : {Case{"Example.com:8080", "example.com:8080"},
                        Case{"example.com", "example.com:80"}, Case{"[::1]:443", "[::1]:443"},
                        Case{"[::1]", "[::1]:80"}, Case{"127.1:1", "127.0.0.1:1"}}) {
    CAPTURE(c.text);
    const Result<Authority> authority = parse_authority(c.text, 80);
    REQUIRE(authority);
    CHECK(to_authority(authority->host, authority->port) == c.canonical);
  }
  for (const std::string_view text :
       {"", ":80", "a:", "a:0", "a:65536", "a:80:90", "::1", "[::1", "[::1]x", "[::1]x:80",
        "u@a:80", "a:+80", "a%2eb:80", "a b:80"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_authority(text, 80));
  }
  CHECK_FALSE(parse_authority("example.com", std::nullopt));
}

TEST_CASE("a target in absolute form gives an authority and a path") {
  struct Case {
    std::string_view head;
    std::string_view authority;
    std::string_view path;
  };
  for (const Case& c : {
           Case{"GET http://a HTTP/1.1\r\n\r\n", "a:80", "/"},
           Case{"GET HTTP://A:81/x/../y?z HTTP/1.1\r\n\r\n", "a:81", "/x/../y?z"},
           Case{"GET http://a?q HTTP/1.1\r\n\r\n", "a:80", "/?q"},
           Case{"OPTIONS http://a HTTP/1.1\r\n\r\n", "a:80", "*"},
           Case{"OPTIONS http://a/ HTTP/1.1\r\n\r\n", "a:80", "/"},
           Case{"GET http://[::1]:8080/ HTTP/1.1\r\n\r\n", "[::1]:8080", "/"},
       }) {
    CAPTURE(c.head);
    const Result<ForwardTarget> target = parse_forward_target(request(c.head));
    REQUIRE(target);
    CHECK(to_authority(target->authority.host, target->authority.port) == c.authority);
    CHECK(target->path == c.path);
  }
}

TEST_CASE("targets that a proxy does not forward are refused with a way out") {
  const auto bare = parse_forward_target(request("GET /x HTTP/1.1\r\n\r\n"));
  REQUIRE_FALSE(bare);
  CHECK(bare.error().help == "this is a proxy: send the whole URL, or CONNECT");
  const auto tls = parse_forward_target(request("GET https://a/ HTTP/1.1\r\n\r\n"));
  REQUIRE_FALSE(tls);
  CHECK(tls.error().help == "use CONNECT for `https` URLs");
  for (const std::string_view head :
       {"GET ftp://a/ HTTP/1.1\r\n\r\n", "GET http:///x HTTP/1.1\r\n\r\n",
        "GET http://u:p@a/ HTTP/1.1\r\n\r\n", "GET http://a/#f HTTP/1.1\r\n\r\n",
        "GET http://a%2eb/ HTTP/1.1\r\n\r\n", "GET http://a\\b/ HTTP/1.1\r\n\r\n"}) {
    CAPTURE(head);
    CHECK_FALSE(parse_forward_target(request(head)));
  }
}

TEST_CASE("P45: the Host field has to name the target") {
  const Authority asked = parse_authority("a.com:80", std::nullopt).value();
  const auto agrees = [&](std::string_view fields, std::string_view version = "1.1") {
    const std::string text =
        "GET http://a.com/ HTTP/" + std::string(version) + "\r\n" + std::string(fields) + "\r\n";
    return host_field_agrees(request(text), asked, 80);
  };
  CHECK(agrees("Host: A.com.\r\n").value());
  CHECK(agrees("Host: a.com:80\r\n").value());
  CHECK_FALSE(agrees("Host: b.com\r\n").value());
  CHECK_FALSE(agrees("Host: a.com:81\r\n").value());
  CHECK_FALSE(agrees("Host: a.com\r\nHost: a.com\r\n"));
  CHECK_FALSE(agrees("Host: a.com, b.com\r\n"));
  CHECK_FALSE(agrees("Host:\r\n"));
  CHECK_FALSE(agrees(""));
  CHECK(agrees("", "1.0").value());
}
