#include "proxy/server/http_body.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace std::string_view_literals;
using srt::Result;
using srt::net::BodyFraming;
using srt::net::ChunkedBody;
using srt::net::parse_request_head;
using srt::net::parse_response_head;
using srt::net::request_framing;
using srt::net::response_framing;

using Kind = BodyFraming::Kind;

namespace {

Result<BodyFraming> request(std::string_view fields, std::string_view version = "1.1") {
  const std::string text =
      "POST http://a/ HTTP/" + std::string(version) + "\r\n" + std::string(fields) + "\r\n";
  return request_framing(parse_request_head(text).value());
}

Result<BodyFraming> response(std::string_view status, std::string_view fields,
                             std::string_view method = "GET") {
  const std::string text =
      "HTTP/1.1 " + std::string(status) + " X\r\n" + std::string(fields) + "\r\n";
  return response_framing(parse_response_head(text).value(), method);
}

}  // namespace

TEST_CASE("a request's body has the length that is declared, or none") {
  CHECK(request("")->kind == Kind::none);
  CHECK(request("Content-Length: 0\r\n")->kind == Kind::length);
  CHECK(request("content-length: 12\r\n")->length == 12);
  CHECK(request("Content-Length: 18446744073709551615\r\n")->length == UINT64_MAX);
  CHECK(request("Transfer-Encoding: Chunked\r\n")->kind == Kind::chunked);
}

TEST_CASE("P48: framing that can be read in two ways is refused") {
  for (const std::string_view fields :
       {"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"sv,
        "Content-Length: 1\r\nContent-Length: 1\r\n"sv,
        "Content-Length: 1\r\nContent-Length: 2\r\n"sv, "Content-Length: 1, 1\r\n"sv,
        "Content-Length: +1\r\n"sv, "Content-Length: -1\r\n"sv, "Content-Length: 0x1\r\n"sv,
        "Content-Length: 1 1\r\n"sv, "Content-Length:\r\n"sv,
        "Content-Length: 18446744073709551616\r\n"sv, "Transfer-Encoding: identity\r\n"sv,
        "Transfer-Encoding: gzip, chunked\r\n"sv, "Transfer-Encoding: chunked, chunked\r\n"sv,
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"sv,
        "Transfer-Encoding: chunked;x=y\r\n"sv, "Transfer-Encoding:\r\n"sv,
        "Transfer-Encoding: \x0b"
        "chunked\r\n"sv}) {
    CAPTURE(fields);
    const std::string text = "POST http://a/ HTTP/1.1\r\n" + std::string(fields) + "\r\n";
    const auto head = parse_request_head(text);
    const bool accepted = head && request_framing(*head);
    CHECK_FALSE(accepted);
    if (fields.find('\x0b') == std::string_view::npos) CHECK_FALSE(response("200", fields));
  }
  CHECK_FALSE(request("Transfer-Encoding: chunked\r\n", "1.0"));
}

TEST_CASE("a response's body depends on the request and the status too") {
  CHECK(response("200", "")->kind == Kind::until_close);
  CHECK(response("200", "Content-Length: 3\r\n")->length == 3);
  CHECK(response("200", "Transfer-Encoding: chunked\r\n")->kind == Kind::chunked);
  CHECK(response("200", "Content-Length: 3\r\n", "HEAD")->kind == Kind::none);
  CHECK(response("304", "Content-Length: 3\r\n")->kind == Kind::none);
  CHECK(response("204", "")->kind == Kind::none);
  CHECK(response("101", "")->kind == Kind::none);
}

TEST_CASE("a chunked body ends at its last byte, wherever it is cut") {
  const std::string body =
      "4;ext=\"v\"\r\nwiki\r\n1F\r\n0123456789abcdef\r\n\r\n789abcdef01\r\n000\r\nX-Sum: 1\r\n\r\n";
  const std::string bytes = body + "GET";
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    ChunkedBody chunks;
    const Result<size_t> first = chunks.feed(std::string_view(bytes).substr(0, cut));
    REQUIRE_MESSAGE(first, first.error().message);
    CHECK(*first == std::min(cut, body.size()));
    CHECK(chunks.done() == (cut >= body.size()));
    if (chunks.done()) continue;
    const Result<size_t> second = chunks.feed(std::string_view(bytes).substr(cut));
    REQUIRE(second);
    CHECK(cut + *second == body.size());
    CHECK(chunks.done());
  }
}

TEST_CASE("P48: malformed chunks are refused") {
  for (const std::string_view bytes :
       {"\r\n"sv, "x\r\n"sv, "0x4\r\nwiki"sv, "+4\r\nwiki"sv, "4 \r\nwiki"sv, " 4\r\nwiki"sv,
        "4\nwiki"sv, "4\r\nwikix\r\n"sv, "4\r\nwiki\n"sv, "4\rx"sv, "-1\r\n"sv,
        "10000000000000000\r\n"sv, "4;\0\r\n"sv, "4;\x01\r\n"sv, "0\r\n folded\r\n\r\n"sv,
        "0\r\nno field\r\n\r\n"sv, "0\r\nContent-Length: 4\r\n\r\n"sv,
        "0\r\nTransfer-Encoding: chunked\r\n\r\n"sv, "0\r\nHost: b\r\n\r\n"sv}) {
    CAPTURE(bytes);
    ChunkedBody chunks;
    CHECK_FALSE(chunks.feed(bytes));
  }
}

TEST_CASE("size lines and trailers have caps") {
  ChunkedBody long_line;
  CHECK_FALSE(long_line.feed("1;" + std::string(ChunkedBody::kMaxSizeLine, 'x')));

  const std::string trailer = "X: " + std::string(1000, 'x') + "\r\n";
  std::string trailers = "0\r\n";
  while (trailers.size() <= ChunkedBody::kMaxTrailers) trailers += trailer;
  ChunkedBody long_trailers;
  CHECK_FALSE(long_trailers.feed(trailers + "\r\n"));
}
