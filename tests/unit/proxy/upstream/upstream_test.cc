#include "proxy/upstream/upstream.h"

#include <doctest/doctest.h>

#include <string>

using namespace srt;
using namespace srt::net;

namespace {

// Where it is, and what it is told of who asks.
std::string read(const std::string& url) {
  const Result<Upstream> upstream = parse_upstream(url);
  if (!upstream) return "error";
  return to_string(*upstream) + " " + upstream->authorization;
}

}  // namespace

TEST_CASE("the URL of an upstream proxy gives its host, port and credentials") {
  CHECK(read("http://proxy.example:3128") == "proxy.example:3128 ");
  CHECK(read("HTTP://Proxy.Example./") == "proxy.example:80 ");
  CHECK(read("proxy:8080") == "proxy:8080 ");
  CHECK(read("http://127.1:1") == "127.0.0.1:1 ");
  CHECK(read("http://[2001:db8::1]:3128") == "[2001:db8::1]:3128 ");
  CHECK(read("http://[2001:db8::1]") == "[2001:db8::1]:80 ");
  CHECK(read("http://user:pass@proxy:3128") == "proxy:3128 Basic dXNlcjpwYXNz");
  CHECK(read("http://user@proxy:3128") == "proxy:3128 Basic dXNlcjo=");
  CHECK(read("http://u%40d:p%3A%25%2@proxy") == "proxy:80 Basic dUBkOnA6JSUy");
  CHECK(read("http://Aladdin:open sesame@proxy") == "proxy:80 Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

TEST_CASE("what is no HTTP proxy is refused, without a word of the URL") {
  for (const char* url : {"https://user:secret@proxy", "socks5://user:secret@proxy:1080", "http://",
                          "http://user:secret@", "http://user:secret@pro xy", "http://proxy:0",
                          "http://user:secret@proxy:port", "http://user:secret@proxy:70000",
                          "http://user:secret@proxy/path", "http://[::1:80", ""}) {
    CAPTURE(url);
    const Result<Upstream> upstream = parse_upstream(url);
    REQUIRE_FALSE(upstream);
    CHECK(upstream.error().message.find("secret") == std::string::npos);
    CHECK_FALSE(upstream.error().help.empty());
  }
}
