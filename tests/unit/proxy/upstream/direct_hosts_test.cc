#include "proxy/upstream/direct_hosts.h"

#include <doctest/doctest.h>

using namespace srt::net;

namespace {

bool contains(const char* list, const char* host) {
  return DirectHosts(list).contains(canonical_host(host).value());
}

}  // namespace

TEST_CASE("loopback is always reached without the upstream proxy") {
  for (const char* host :
       {"localhost", "dev.localhost", "127.0.0.1", "127.1.2.3", "[::1]", "[::ffff:127.0.0.1]"}) {
    CAPTURE(host);
    CHECK(contains("", host));
  }
  CHECK_FALSE(contains("", "example.com"));
  CHECK_FALSE(contains("", "10.0.0.1"));
}

TEST_CASE("a name stands for itself and all beneath it") {
  for (const char* list : {"example.com", ".example.com", "*.example.com", "EXAMPLE.com.",
                           "a.test, example.com:8080", "a.test example.com"}) {
    CAPTURE(list);
    CHECK(contains(list, "example.com"));
    CHECK(contains(list, "a.b.example.com"));
    CHECK_FALSE(contains(list, "badexample.com"));
    CHECK_FALSE(contains(list, "com"));
  }
}

TEST_CASE("addresses and ranges are those that were asked for") {
  const char* list = "10.0.0.0/8,192.0.2.1:80,[2001:db8::1]:80,2001:db8:1::/48,::2";
  for (const char* host : {"10.1.2.3", "192.0.2.1", "[2001:db8::1]", "[2001:db8:1:2::3]", "[::2]",
                           "[::ffff:10.0.0.1]"}) {
    CAPTURE(host);
    CHECK(contains(list, host));
  }
  for (const char* host : {"11.0.0.1", "192.0.2.2", "[2001:db8::2]", "ten.example"}) {
    CAPTURE(host);
    CHECK_FALSE(contains(list, host));
  }
}

TEST_CASE("a star stands for every host, and what cannot be read for none") {
  CHECK(contains("*", "example.com"));
  CHECK(contains("x,*", "10.0.0.1"));
  for (const char* list : {"10.0.0.0/99", "example.com/8", "exa$mple.com", ",,", ".", "*."}) {
    CAPTURE(list);
    CHECK_FALSE(contains(list, "example.com"));
    CHECK_FALSE(contains(list, "10.0.0.1"));
  }
}
