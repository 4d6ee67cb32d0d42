#include "proxy/dns/name_map.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace srt::net {
namespace {

HostName name(const std::string& text) { return std::get<HostName>(canonical_host(text).value()); }

TEST_CASE("a name keeps its address, and the address stands for it") {
  NameMap names;
  const IpAddress a = names.address_of(name("a.example"));
  const IpAddress b = names.address_of(name("b.example"));
  CHECK(to_string(a) == "198.18.1.0");
  CHECK(a != b);
  CHECK(names.address_of(name("a.example")) == a);
  CHECK(names.name_of(a) == name("a.example"));
  CHECK(names.name_of(b) == name("b.example"));
  CHECK_FALSE(names.name_of(IpAddress::v4(0xc6120001)));
  CHECK_FALSE(names.name_of(IpAddress::v4(0xc6120102)));
}

TEST_CASE("the name that was used least recently gives way, and its address rests") {
  NameMap names(2);
  const IpAddress a = names.address_of(name("a.example"));
  const IpAddress b = names.address_of(name("b.example"));
  REQUIRE(names.name_of(a));
  const IpAddress c = names.address_of(name("c.example"));
  CHECK_FALSE(names.name_of(b));
  CHECK(names.name_of(a));
  CHECK(c != a);
  CHECK(c != b);
  CHECK(names.address_of(name("b.example")) != b);
}

TEST_CASE("addresses go round, and never to two names at once") {
  NameMap names(3);
  const IpAddress kept = names.address_of(name("kept.example"));
  std::set<IpAddress> seen;
  for (int i = 0; i < 140'000; ++i) {
    const IpAddress address = names.address_of(name("n" + std::to_string(i) + ".example"));
    REQUIRE(address != kept);
    seen.insert(address);
    REQUIRE(names.name_of(kept) == name("kept.example"));
  }
  CHECK(seen.size() == 0x20000 - 256 - 1);
  CHECK(to_string(*seen.rbegin()) == "198.19.255.255");
}

}  // namespace
}  // namespace srt::net
