#include "proxy/hosts/host.h"

#include <doctest/doctest.h>

#include <string>

using srt::net::canonical_host;
using srt::net::Host;
using srt::net::HostName;
using srt::net::IpAddress;

namespace {

std::string canonical(std::string_view text) {
  const srt::Result<Host> host = canonical_host(text);
  REQUIRE_MESSAGE(host, text);
  return to_string(*host);
}

HostName name(std::string_view text) { return std::get<HostName>(canonical_host(text).value()); }

}  // namespace

TEST_CASE("names become lower case and lose one trailing dot") {
  CHECK(canonical("Example.COM") == "example.com");
  CHECK(canonical("example.com.") == "example.com");
  CHECK(canonical("localhost") == "localhost");
  CHECK(canonical("_dmarc.ex-ample.com") == "_dmarc.ex-ample.com");
  CHECK(canonical("XN--BCHER-KVA.example") == "xn--bcher-kva.example");
  CHECK(canonical("1.2.3.com") == "1.2.3.com");
  CHECK(canonical("0xg.0x1g") == "0xg.0x1g");
}

TEST_CASE("P44: every spelling of a loopback address is that address") {
  for (const std::string_view text : {"127.1", "2130706433", "0x7f000001", "0177.1", "127.0.0.1.",
                                      "::ffff:127.0.0.1", "[::ffff:127.0.0.1]", "::FFFF:7F00:1"}) {
    CAPTURE(text);
    CHECK(canonical(text) == "127.0.0.1");
  }
  CHECK(canonical("0") == "0.0.0.0");
  CHECK(canonical("[::1]") == "::1");
  CHECK(canonical("64:ff9b::7f00:1") == "64:ff9b::7f00:1");
  CHECK(canonical("localhost.") == "localhost");
  CHECK(canonical("LOCALHOST") == "localhost");
}

TEST_CASE("P41: bytes outside the host alphabet are refused") {
  using namespace std::string_view_literals;
  for (const std::string_view text :
       {"evil\0.allowed.com"sv, "a b.com"sv, "a/b"sv, "a\\b"sv, "a@b.com"sv, "a%2eb.com"sv,
        "a\nb.com"sv, "*.com"sv, "a,b"sv, "a\x7f.com"sv, "[example.com]"sv, "[127.0.0.1]"sv,
        "[::1"sv, "["sv, "[]"sv, "[::1]x"sv, "example.com:443"sv}) {
    CAPTURE(text);
    CHECK_FALSE(canonical_host(text));
  }
}

TEST_CASE("a refused byte never reaches the message raw") {
  using namespace std::string_view_literals;
  const srt::Result<Host> host = canonical_host("evil\0\x1b[2J.allowed.com"sv);
  REQUIRE_FALSE(host);
  CHECK(host.error().message ==
        "`\\x00` cannot stand in host name `evil\\x00\\x1b[2J.allowed.com`");
}

TEST_CASE("a name that is not ASCII is refused with punycode as the way out") {
  const srt::Result<Host> host = canonical_host(
      "b\xc3\xbc"
      "cher.example");
  REQUIRE_FALSE(host);
  CHECK(host.error().message == "host name `b\\xc3\\xbccher.example` is not ASCII");
  CHECK(host.error().help.find("xn--") != std::string::npos);
}

TEST_CASE("labels and names have limits") {
  const std::string label(63, 'a');
  CHECK(canonical(label) == label);
  CHECK_FALSE(canonical_host(label + "a"));
  const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'a');
  REQUIRE(longest.size() == 253);
  CHECK(canonical(longest + ".") == longest);
  CHECK_FALSE(canonical_host(longest + "a"));
  for (const std::string_view text : {"", ".", "..", "a..b", ".a", "a.."}) {
    CAPTURE(text);
    CHECK_FALSE(canonical_host(text));
  }
}

TEST_CASE("a name that ends in a number and is no address is refused") {
  for (const std::string_view text :
       {"1.2.3.4.5", "example.123", "256.256.256.256", "a.0x1f", "09", "0x", "99999999999"}) {
    CAPTURE(text);
    CHECK_FALSE(canonical_host(text));
  }
}

TEST_CASE("the canonical form is its own canonical form") {
  for (const std::string_view text : {"Example.Com.", "127.1", "::FFFF:1.2.3.4", "2001:DB8:0::1"}) {
    CHECK(canonical(canonical(text)) == canonical(text));
  }
}

TEST_CASE("subdomains are strict and end at a dot") {
  CHECK(name("a.example.com").is_subdomain_of(name("example.com")));
  CHECK(name("a.b.example.com").is_subdomain_of(name("example.com")));
  CHECK_FALSE(name("example.com").is_subdomain_of(name("example.com")));
  CHECK_FALSE(name("badexample.com").is_subdomain_of(name("example.com")));
  CHECK_FALSE(name("com").is_subdomain_of(name("example.com")));
  CHECK(name("localhost").is_localhost());
  CHECK(name("a.LOCALHOST.").is_localhost());
  CHECK_FALSE(name("notlocalhost").is_localhost());
}

TEST_CASE("an authority has IPv6 in brackets") {
  CHECK(to_authority(canonical_host("Example.com").value(), 443) == "example.com:443");
  CHECK(to_authority(canonical_host("127.1").value(), 80) == "127.0.0.1:80");
  CHECK(to_authority(canonical_host("::1").value(), 80) == "[::1]:80");
}
