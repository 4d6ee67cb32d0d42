#include "proxy/hosts/host_pattern.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

using srt::Effect;
using srt::net::canonical_host;
using srt::net::HostPattern;
using srt::net::parse_host_pattern;

namespace {

HostPattern pattern(std::string_view text) {
  const srt::Result<HostPattern> parsed = parse_host_pattern(text);
  REQUIRE_MESSAGE(parsed, text);
  return *parsed;
}

bool matched(std::string_view text, std::string_view host, uint16_t port, Effect effect) {
  return matches(pattern(text), canonical_host(host).value(), port, effect);
}

}  // namespace

TEST_CASE("patterns have one canonical spelling, which reads back as the same pattern") {
  struct Case {
    std::string_view text;
    std::string_view canonical;
  };
  for (const Case& c : {
           Case{"*", "*"},
           Case{"*:22", "*:22"},
           Case{"Example.COM.", "example.com"},
           Case{"example.com:443", "example.com:443"},
           Case{"example.com:443-443", "example.com:443"},
           Case{"example.com:8000-8100", "example.com:8000-8100"},
           Case{"example.com:1-65535", "example.com:1-65535"},
           Case{"*.Example.com:80", "*.example.com:80"},
           Case{"127.1:80", "127.0.0.1:80"},
           Case{"10.0.0.0/8:443", "10.0.0.0/8:443"},
           Case{"10.0.0.1/32", "10.0.0.1"},
           Case{"0.0.0.0/0", "0.0.0.0/0"},
           Case{"[::1]", "[::1]"},
           Case{"[2001:DB8:0::/32]:443", "[2001:db8::/32]:443"},
           Case{"[2001:db8::1/128]", "[2001:db8::1]"},
           Case{"[::ffff:10.0.0.1]", "10.0.0.1"},
           Case{"[::ffff:10.0.0.0/104]", "10.0.0.0/8"},
           Case{"[::ffff:0:0/96]", "0.0.0.0/0"},
           Case{"[::/0]", "[::/0]"},
       }) {
    CAPTURE(c.text);
    CHECK(to_string(pattern(c.text)) == c.canonical);
    CHECK(pattern(c.canonical) == pattern(c.text));
  }
}

TEST_CASE("a wrong pattern is refused at the part at fault") {
  struct Case {
    std::string_view text;
    size_t offset;
    std::string_view message;
  };
  for (const Case& c : {
           Case{"", 0, "the host pattern is empty"},
           Case{"https://example.com/x", 0, "`https://example.com/x` is a URL, not a host"},
           Case{"example.com/x", 11, "`example.com/x` holds a `/` and is not an address range"},
           Case{"exa*mple.com", 3, "`*` stands inside `exa*mple.com`"},
           Case{"*example.com", 0, "`*` stands inside `*example.com`"},
           Case{"*.a.*.com", 4, "`*.a.*.com` holds a second `*`"},
           Case{"*.10.0.0.1", 2, "address `10.0.0.1` has no subdomains"},
           Case{"*.", 2, "the host is empty"},
           Case{":443", 0, "the host is empty"},
           Case{"a..b", 0, "host name `a..b` has an empty label"},
           Case{"::1", 0, "IPv6 address `::1` is not in brackets"},
           Case{"[::1", 0, "`[::1` lacks its closing `]`"},
           Case{"[example.com]", 1, "`example.com` is not an IPv6 address"},
           Case{"[::1]443", 5, "`443` follows the `]`"},
           Case{"[::]/0", 4, "`/0` follows the `]`"},
           Case{"10.0.0.0/33", 9, "`33` is not a prefix length"},
           Case{"10.0.0.0/", 9, "`` is not a prefix length"},
           Case{"10.0.0.0/08", 9, "`08` is not a prefix length"},
           Case{"[2001:db8::/129]", 12, "`129` is not a prefix length"},
           Case{"10.0.0.1/8", 0, "range `10.0.0.1/8` has bits set beyond its prefix length"},
           Case{"example.com:", 12, "`` is not a port"},
           Case{"example.com:0", 12, "`0` is not a port"},
           Case{"example.com:65536", 12, "`65536` is not a port"},
           Case{"example.com:0443", 12, "`0443` is not a port"},
           Case{"example.com:80-x", 15, "`x` is not a port"},
           Case{"example.com:90-80", 12, "port range `90-80` runs backwards"},
       }) {
    CAPTURE(c.text);
    size_t offset = 999;
    const srt::Result<HostPattern> parsed = parse_host_pattern(c.text, &offset);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().message == c.message);
    CHECK(offset == c.offset);
    CHECK_FALSE(parsed.error().help.empty());
  }
}

TEST_CASE("what matches what") {
  struct Case {
    std::string_view pattern;
    std::string_view host;
    uint16_t port;
    bool allow;
    bool deny;
  };
  for (const Case& c : {
           Case{"example.com", "EXAMPLE.com.", 80, true, true},
           Case{"example.com", "a.example.com", 80, false, false},
           Case{"*.example.com", "a.b.example.com", 80, true, true},
           Case{"*.example.com", "example.com", 80, false, false},
           Case{"*.example.com", "badexample.com", 80, false, false},
           Case{"*", "example.com", 80, true, true},
           Case{"*", "10.0.0.1", 80, false, true},
           Case{"*", "::1", 80, false, true},
           Case{"*:22", "10.0.0.1", 22, false, true},
           Case{"*:22", "10.0.0.1", 23, false, false},
           Case{"example.com:443", "example.com", 443, true, true},
           Case{"example.com:443", "example.com", 80, false, false},
           Case{"example.com:8000-8100", "example.com", 8100, true, true},
           Case{"example.com:8000-8100", "example.com", 8101, false, false},
           Case{"10.0.0.0/8", "10.9.9.9", 1, true, true},
           Case{"10.0.0.0/8", "10", 1, false, false},
           Case{"10.0.0.0/8", "0x0a000001", 1, true, true},
           Case{"10.0.0.0/8", "::ffff:10.0.0.1", 1, true, true},
           Case{"10.0.0.0/8", "64:ff9b::10.0.0.1", 1, false, true},
           Case{"10.0.0.0/8", "2002:a00:1::", 1, false, true},
           Case{"10.0.0.0/8", "example.com", 1, false, false},
           Case{"[2001:db8::/32]", "2001:db8:1::1", 1, true, true},
       }) {
    CAPTURE(c.pattern);
    CAPTURE(c.host);
    CHECK(matched(c.pattern, c.host, c.port, Effect::allow) == c.allow);
    CHECK(matched(c.pattern, c.host, c.port, Effect::deny) == c.deny);
  }
}

TEST_CASE("text made of pieces of patterns is refused or read back from its spelling") {
  const std::vector<std::string_view> pieces = {
      "*",  ".",         ":",   "-",        "/", "[",   "]", "::", "a",    "com",
      "80", "127.0.0.1", "0x7", "10.0.0.0", "8", "255", "0", "_",  "ffff", "%"};
  std::mt19937 random(7);
  int accepted = 0;
  for (int round = 0; round < 200000; ++round) {
    std::string text;
    for (size_t count = 1 + random() % 6; count > 0; --count)
      text += pieces[random() % pieces.size()];
    const srt::Result<HostPattern> parsed = parse_host_pattern(text);
    if (!parsed) continue;
    ++accepted;
    REQUIRE_MESSAGE(pattern(to_string(*parsed)) == *parsed, text);
  }
  CHECK(accepted > 1000);
}
