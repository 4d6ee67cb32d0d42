#include "runtime/run/name_servers.h"

#include <doctest/doctest.h>

namespace srt {
namespace {

TEST_CASE("name servers are link-local when all of them are") {
  CHECK(name_servers_are_link_local("nameserver fe80::1%eth0\n"));
  CHECK(name_servers_are_link_local("# x\nsearch a.b\nnameserver\tfe80::1\r\nnameserver febf::2"));
  CHECK_FALSE(name_servers_are_link_local("nameserver fe80::1%eth0\nnameserver 10.0.0.1\n"));
  CHECK_FALSE(name_servers_are_link_local("nameserver 169.254.1.1\n"));
  CHECK_FALSE(name_servers_are_link_local("nameserver fec0::1\n"));
  CHECK_FALSE(name_servers_are_link_local("#nameserver fe80::1\nnameserverfe80::1\nnameserver\n"));
  CHECK_FALSE(name_servers_are_link_local(""));
}

}  // namespace
}  // namespace srt
