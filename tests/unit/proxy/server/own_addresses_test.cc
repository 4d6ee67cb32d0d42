#include "proxy/server/own_addresses.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "proxy/hosts/host.h"
#include "runtime/base/unique_fd.h"

using namespace srt::net;

TEST_CASE("the kernel tells loopback from addresses elsewhere") {
  CHECK(leads_to_this_host(parse_ipv4("127.0.0.1").value()));
  CHECK(leads_to_this_host(parse_ipv4("127.1.2.3").value()));
  CHECK(leads_to_this_host(parse_ipv4("255.255.255.255").value()));
  // For documentation (RFC 5737, RFC 3849): elsewhere, or nowhere.
  CHECK_FALSE(leads_to_this_host(parse_ipv4("192.0.2.1").value()));
  const bool has_v6 = access("/proc/net/if_inet6", F_OK) == 0;
  CHECK(leads_to_this_host(parse_ipv6("2001:db8::1").value()) == !has_v6);
}

TEST_CASE("where the kernel cannot be asked every address counts as this host's") {
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  // The lowest free descriptor, which is then the first beyond the limit.
  const srt::UniqueFd free(open("/dev/null", O_RDONLY | O_CLOEXEC));
  rlimit none = before;
  none.rlim_cur = static_cast<rlim_t>(free.get());
  REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
  const bool own = leads_to_this_host(parse_ipv4("192.0.2.1").value());
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(own);
}
