#include "proxy/hosts/address.h"

#include <doctest/doctest.h>

#include <random>
#include <string>

using srt::net::AddressRange;
using srt::net::IpAddress;
using srt::net::parse_ipv4;
using srt::net::parse_ipv6;

namespace {

constexpr unsigned kSeed = 20240607;

IpAddress v6(std::string_view text) {
  const srt::Result<IpAddress> address = parse_ipv6(text);
  REQUIRE_MESSAGE(address, text);
  return *address;
}

IpAddress v4(std::string_view text) {
  const std::optional<IpAddress> address = parse_ipv4(text);
  REQUIRE_MESSAGE(address, text);
  return *address;
}

}  // namespace

TEST_CASE("IPv4 is read in every inet_aton spelling") {
  struct Case {
    std::string_view spelling;
    std::string_view address;
  };
  for (const Case& c : {
           Case{"127.0.0.1", "127.0.0.1"},
           Case{"127.1", "127.0.0.1"},
           Case{"127.0.1", "127.0.0.1"},
           Case{"2130706433", "127.0.0.1"},
           Case{"0x7f000001", "127.0.0.1"},
           Case{"0X7F.1", "127.0.0.1"},
           Case{"0177.0.0.01", "127.0.0.1"},
           Case{"017700000001", "127.0.0.1"},
           Case{"0", "0.0.0.0"},
           Case{"00", "0.0.0.0"},
           Case{"10.256", "10.0.1.0"},
           Case{"10.1.65535", "10.1.255.255"},
           Case{"4294967295", "255.255.255.255"},
           Case{"1.16777215", "1.255.255.255"},
       }) {
    CAPTURE(c.spelling);
    CHECK(to_string(v4(c.spelling)) == c.address);
  }
}

TEST_CASE("text that is almost IPv4 is not an address") {
  for (const std::string_view text :
       {"",           ".",         "1.",        ".1",         "1..2",
        "1.2.3.4.5",  "256.1.1.1", "1.2.3.256", "1.16777216", "1.2.65536",
        "4294967296", "08.1.1.1",  "0x",        "0x1g",       "1.2.3.4 ",
        " 1.2.3.4",   "+1.2.3.4",  "-1",        "1e3",        "99999999999999999999"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_ipv4(text));
  }
}

TEST_CASE("IPv6 is read in every form and written as RFC 5952 says") {
  struct Case {
    std::string_view spelling;
    std::string_view address;
  };
  for (const Case& c : {
           Case{"::", "::"},
           Case{"::1", "::1"},
           Case{"0:0:0:0:0:0:0:1", "::1"},
           Case{"0000:0000:0000:0000:0000:0000:0000:0001", "::1"},
           Case{"1::", "1::"},
           Case{"2001:DB8::A", "2001:db8::a"},
           Case{"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
           Case{"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
           Case{"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
           Case{"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
           Case{"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
           Case{"::ffff:127.0.0.1", "::ffff:127.0.0.1"},
           Case{"::ffff:7f00:1", "::ffff:127.0.0.1"},
           Case{"64:ff9b::192.0.2.1", "64:ff9b::c000:201"},
           Case{"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
       }) {
    CAPTURE(c.spelling);
    CHECK(to_string(v6(c.spelling)) == c.address);
  }
}

TEST_CASE("text that is almost IPv6 is refused") {
  for (const std::string_view text : {"",
                                      ":",
                                      ":::",
                                      "1",
                                      "1:2:3:4:5:6:7",
                                      "1:2:3:4:5:6:7:8:9",
                                      "1::2::3",
                                      ":1:2:3:4:5:6:7",
                                      "1:2:3:4:5:6:7:",
                                      "1:2:3:4:5:6:7:8::",
                                      "::1:2:3:4:5:6:7:8",
                                      "12345::",
                                      "g::",
                                      "::1.2.3",
                                      "::1.2.3.256",
                                      "::01.2.3.4",
                                      "1.2.3.4::",
                                      "::1.2.3.4:1",
                                      "::0x1",
                                      "[::1]",
                                      "::1 ",
                                      "::-1",
                                      "1:2:3:4:5:6:7:1.2.3.4"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_ipv6(text));
  }
}

TEST_CASE("a zone id is refused by name") {
  const srt::Result<IpAddress> address = parse_ipv6("fe80::1%eth0");
  REQUIRE_FALSE(address);
  CHECK(address.error().message == "`fe80::1%eth0` has a zone id");
}

TEST_CASE("IPv4 inside IPv6 is found") {
  for (const std::string_view text :
       {"::ffff:10.1.2.3", "::10.1.2.3", "::ffff:0:10.1.2.3", "64:ff9b::10.1.2.3",
        "64:ff9b:1:abcd::10.1.2.3", "2002:a01:203::1"}) {
    CAPTURE(text);
    const std::optional<IpAddress> embedded = v6(text).embedded_ipv4();
    REQUIRE(embedded);
    CHECK(to_string(*embedded) == "10.1.2.3");
  }
  for (const std::string_view text :
       {"::", "::1", "2001:db8::1", "64:ff9b:2::1", "fe80::10.1.2.3"}) {
    CAPTURE(text);
    CHECK_FALSE(v6(text).embedded_ipv4());
  }
  CHECK_FALSE(v4("10.1.2.3").embedded_ipv4());
}

TEST_CASE("only a mapped address is the IPv4 address itself") {
  CHECK(v6("::ffff:10.1.2.3").unmapped() == v4("10.1.2.3"));
  CHECK(v6("64:ff9b::10.1.2.3").unmapped() == v6("64:ff9b::10.1.2.3"));
  CHECK(v4("10.1.2.3").unmapped() == v4("10.1.2.3"));
}

TEST_CASE("a range holds the addresses that share its prefix, of its family only") {
  const AddressRange ten{v4("10.0.0.0"), 8};
  CHECK(ten.contains(v4("10.255.255.255")));
  CHECK_FALSE(ten.contains(v4("11.0.0.0")));
  CHECK_FALSE(ten.contains(v6("::ffff:10.0.0.1")));

  const AddressRange odd{v4("192.168.4.0"), 22};
  CHECK(odd.contains(v4("192.168.7.255")));
  CHECK_FALSE(odd.contains(v4("192.168.8.0")));

  const AddressRange all{v4("0.0.0.0"), 0};
  CHECK(all.contains(v4("255.255.255.255")));
  CHECK_FALSE(all.contains(v6("::1")));

  const AddressRange one = single_address(v6("2001:db8::1"));
  CHECK(one.contains(v6("2001:db8::1")));
  CHECK_FALSE(one.contains(v6("2001:db8::2")));
}

TEST_CASE("every address is read back from its text, and every truncation holds its address") {
  std::mt19937 random(kSeed);
  for (int round = 0; round < 20000; ++round) {
    std::array<uint16_t, 8> groups{};
    // Zeros often enough for `::` in every place.
    for (uint16_t& group : groups) group = random() % 3 != 0 ? 0 : static_cast<uint16_t>(random());
    const IpAddress six = IpAddress::v6(groups);
    REQUIRE_MESSAGE(v6(to_string(six)) == six, to_string(six));
    const IpAddress four = IpAddress::v4(static_cast<uint32_t>(random()));
    REQUIRE_MESSAGE(v4(to_string(four)) == four, to_string(four));

    const unsigned prefix = static_cast<unsigned>(random() % 129);
    REQUIRE(AddressRange{six.truncated(prefix), prefix}.contains(six));
    REQUIRE(AddressRange{four.truncated(prefix % 33), prefix % 33}.contains(four));
  }
}

TEST_CASE("bytes make an address when there are four or sixteen") {
  const std::array<uint8_t, 17> bytes{127, 0, 0, 1};
  const std::span<const uint8_t> all(bytes);
  CHECK(IpAddress::from_bytes(all.first(4)) == v4("127.0.0.1"));
  CHECK(IpAddress::from_bytes(all.first(16)) == v6("7f00:1::"));
  CHECK_FALSE(IpAddress::from_bytes(all.first(5)));
  CHECK_FALSE(IpAddress::from_bytes(all));
}
