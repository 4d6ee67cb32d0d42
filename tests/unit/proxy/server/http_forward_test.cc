#include "proxy/server/http_forward.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using srt::net::check_forward_request;
using srt::net::forwarded_head;
using srt::net::ForwardRequest;
using srt::net::parse_request_head;
using srt::net::parse_response_head;
using srt::net::Refusal;
using srt::net::RefusalKind;

namespace {

ForwardRequest checked(std::string_view text) {
  auto result = check_forward_request(parse_request_head(text).value());
  REQUIRE(std::holds_alternative<ForwardRequest>(result));
  return std::get<ForwardRequest>(std::move(result));
}

RefusalKind refused(std::string_view text) {
  auto result = check_forward_request(parse_request_head(text).value());
  REQUIRE(std::holds_alternative<Refusal>(result));
  return std::get<Refusal>(result).kind;
}

}  // namespace

TEST_CASE("a forwarded request is in origin form without the fields of this hop") {
  const ForwardRequest request = checked(
      "GET http://Example.com/x?y HTTP/1.1\r\nHost: EXAMPLE.com\r\nAccept: */*\r\n"
      "Proxy-Connection: keep-alive\r\nProxy-Authorization: Basic eDp5\r\nConnection: close, "
      "X-Hop\r\n"
      "X-Hop: 1\r\nTE: trailers\r\nKeep-Alive: 5\r\nUpgrade: h2c\r\nX-End: 2\r\n\r\n");
  CHECK(forwarded_head(request) ==
        "GET /x?y HTTP/1.1\r\nHost: example.com\r\nAccept: */*\r\nX-End: 2\r\n\r\n");
  CHECK_FALSE(request.keep_alive);
  CHECK_FALSE(request.upgrade);
}

TEST_CASE("the Host field keeps a port that is not the default one, IPv6 its brackets") {
  CHECK(forwarded_head(checked("GET http://a:81 HTTP/1.1\r\nHost: a:81\r\n\r\n")) ==
        "GET / HTTP/1.1\r\nHost: a:81\r\n\r\n");
  CHECK(forwarded_head(checked("GET http://[::1]/ HTTP/1.1\r\nHost: [::1]\r\n\r\n")) ==
        "GET / HTTP/1.1\r\nHost: [::1]\r\n\r\n");
  CHECK(forwarded_head(checked("GET http://a/ HTTP/1.0\r\n\r\n")) ==
        "GET / HTTP/1.0\r\nHost: a\r\n\r\n");
}

TEST_CASE("a request to upgrade stays one") {
  const ForwardRequest request = checked(
      "GET http://a/ HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\n"
      "Upgrade: websocket\r\n\r\n");
  CHECK(request.upgrade);
  CHECK(forwarded_head(request) ==
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
}

TEST_CASE("bodies keep their framing fields") {
  const ForwardRequest request = checked(
      "PUT http://a/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n"
      "Expect: 100-continue\r\n\r\n");
  CHECK(forwarded_head(request) ==
        "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n"
        "Expect: 100-continue\r\n\r\n");
  CHECK_FALSE(request.repeatable());
}

TEST_CASE("requests are refused by the reason") {
  CHECK(refused("GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n") == RefusalKind::misdirected);
  CHECK(refused("GET http://a/ HTTP/1.1\r\n\r\n") == RefusalKind::bad_request);
  CHECK(refused("GET / HTTP/1.1\r\nHost: a\r\n\r\n") == RefusalKind::bad_request);
  CHECK(refused("POST http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nConnection: "
                "content-length\r\n\r\n") == RefusalKind::bad_request);
  CHECK(refused("POST http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: "
                "chunked\r\n\r\n") == RefusalKind::bad_request);
}

TEST_CASE("a forwarded response loses the fields of its hop and says whether the connection ends") {
  const auto response = parse_response_head(
      "HTTP/1.0 200 Fine\r\nServer: x\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 1\r\n"
      "Content-Length: 2\r\n\r\n");
  REQUIRE(response);
  CHECK(forwarded_head(*response, false) ==
        "HTTP/1.1 200 Fine\r\nServer: x\r\nContent-Length: 2\r\n\r\n");
  CHECK(forwarded_head(*response, true) ==
        "HTTP/1.1 200 Fine\r\nServer: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\n");

  const auto upgrade = parse_response_head(
      "HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
  REQUIRE(upgrade);
  CHECK(forwarded_head(*upgrade, true) ==
        "HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
}
