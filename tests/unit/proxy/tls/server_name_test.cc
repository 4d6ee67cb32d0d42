#include "proxy/tls/server_name.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace srt::net;

namespace {

Host host(const char* text) { return canonical_host(text).value(); }

bool passes(const std::string& server_name, const char* asked) {
  return server_name_problem(server_name, host(asked)).empty();
}

}  // namespace

TEST_CASE("P45: TLS has to name the host that was asked for") {
  CHECK(passes("one.example", "one.example"));
  CHECK(passes("ONE.Example.", "one.example"));
  CHECK(passes("xn--bcher-kva.example", "xn--bcher-kva.example"));
  CHECK(passes("192.0.2.1", "192.0.2.1"));
  CHECK(passes("0xc0000201", "192.0.2.1"));
  CHECK_FALSE(passes("two.example", "one.example"));
  CHECK_FALSE(passes("sub.one.example", "one.example"));
  CHECK_FALSE(passes("one.example", "sub.one.example"));
  CHECK_FALSE(passes("one.example", "192.0.2.1"));
  CHECK_FALSE(passes("192.0.2.1", "one.example"));
}

TEST_CASE("P45: a name that no host can have is refused") {
  for (const std::string& name :
       {std::string("one.example\0.two.example", 24), std::string("one.example:443"),
        std::string("b\xc3\xbc"
                    "cher.example"),
        std::string("one..example"), std::string(" "), std::string("[::1"),
        std::string(300, 'a')}) {
    CAPTURE(name);
    const std::string problem = server_name_problem(name, host("one.example"));
    CHECK(problem.starts_with("the TLS hello's server name: "));
    CHECK(problem.find('\n') == std::string::npos);
  }
}

TEST_CASE("without a name TLS reaches addresses only") {
  CHECK(server_name_problem({}, host("192.0.2.1")).empty());
  CHECK(server_name_problem({}, host("[2001:db8::1]")).empty());
  CHECK(server_name_problem({}, host("one.example")) == "the TLS hello names no server");
  CHECK_FALSE(server_name_problem({}, host("dev.localhost")).empty());
}

TEST_CASE("localhost and loopback addresses are one host for TLS") {
  for (const char* asked : {"localhost", "127.0.0.1", "[::1]"}) {
    CAPTURE(asked);
    CHECK(server_name_problem({}, host(asked)).empty());
    CHECK(passes("localhost", asked));
    CHECK(passes("127.0.0.1", asked));
    CHECK_FALSE(passes("dev.localhost", asked));
    CHECK_FALSE(passes("one.example", asked));
  }
}
