#include "runtime/run/name_servers.h"

#include <doctest/doctest.h>

namespace srt {
namespace {

bool is_out_of_reach(std::string_view text) { return read_resolver_settings(text).is_out_of_reach; }

TEST_CASE("link-local servers are out of reach where no interface is named, and no other server") {
  CHECK(is_out_of_reach("nameserver fe80::1%2\n"));
  CHECK(is_out_of_reach("# x\nsearch a.b\nnameserver\tfe80::1\r\nnameserver febf::2"));
  CHECK_FALSE(is_out_of_reach("nameserver fe80::1%eth0\n"));
  CHECK_FALSE(is_out_of_reach("nameserver fe80::1\nnameserver 10.0.0.1\n"));
  CHECK_FALSE(is_out_of_reach("nameserver 169.254.1.1\n"));
  CHECK_FALSE(is_out_of_reach("nameserver fec0::1\n"));
  CHECK_FALSE(is_out_of_reach("#nameserver fe80::1\nnameserverfe80::1\nnameserver\n"));
  CHECK_FALSE(is_out_of_reach(""));
}

TEST_CASE("the interfaces of link-local servers are told, and of no others") {
  const ResolverSettings settings = read_resolver_settings(
      "nameserver 10.0.0.1\nnameserver fe80::1%eth0 \n nameserver fe80::1%eth1\n"
      "nameserver FE80::2%wlan0.5\r\nnameserver fe80::1%beyond\n");
  CHECK(settings.interfaces == std::vector<std::string>{"eth0", "wlan0.5"});
}

TEST_CASE("the last search list counts") {
  const auto search = [](std::string_view text) {
    std::vector<std::string> names;
    for (const net::HostName& name : read_resolver_settings(text).search) {
      names.push_back(name.text());
    }
    return names;
  };
  CHECK(search("domain a.b\nsearch\tCorp.Example. x.y  \n") ==
        std::vector<std::string>{"corp.example", "x.y"});
  CHECK(search("search x.y\ndomain a.b\r\n") == std::vector<std::string>{"a.b"});
  CHECK(search("search . 10.0.0.1\nsearching c.d\n").empty());
  CHECK(search("nameserver 10.0.0.1\n").empty());
}

}  // namespace
}  // namespace srt
