#include "proxy/dns/hosts_file.h"

#include <doctest/doctest.h>

#include <string>

namespace srt::net {
namespace {

std::string names(std::string_view text, const char* address) {
  std::string out;
  for (const HostName& name :
       names_in_hosts_file(text, std::get<IpAddress>(canonical_host(address).value()))) {
    out += name.text() + ' ';
  }
  return out;
}

TEST_CASE("the names of an address are those of all its lines") {
  constexpr std::string_view kFile =
      "# comment\n10.0.0.5\tDB.Example db # other\n\n 10.0.0.6 x\r\n2001:db8::1 six\n10.0.0.5 last";
  CHECK(names(kFile, "10.0.0.5") == "db.example db last ");
  CHECK(names(kFile, "10.0.0.6") == "x ");
  CHECK(names(kFile, "2001:db8::1") == "six ");
  CHECK(names(kFile, "10.0.0.7").empty());
}

TEST_CASE("what cannot be read is passed over") {
  CHECK(names("10.0.0.5 a/b good\nnonsense 10.0.0.5 x\n10.0.0.5\n10.0.0.5 10.0.0.6", "10.0.0.5") ==
        "good ");
  CHECK(names("", "10.0.0.5").empty());
}

}  // namespace
}  // namespace srt::net
