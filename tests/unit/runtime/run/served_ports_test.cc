#include "runtime/run/served_ports.h"

#include <doctest/doctest.h>

#include "runtime/launch/launch.h"
#include "tests/support/policy_bundle.h"

namespace srt {
namespace {

// The ports as text: `3128` for the proxy's, `8080>localhost` for one of the host's, `3129>9999`
// for a proxy of the caller's on port 9999.
std::vector<std::string> served(const std::string& policy) {
  std::vector<std::string> out;
  for (const ServedPort& port : served_ports(test::PolicyBundle(policy).bundle)) {
    out.push_back(std::to_string(port.port) +
                  (port.destination          ? '>' + net::to_string(*port.destination)
                   : port.external_port != 0 ? '>' + std::to_string(port.external_port)
                                             : ""));
  }
  return out;
}

using Ports = std::vector<std::string>;

TEST_CASE("C42: nothing is served where nothing may leave") {
  CHECK(served("policy \"x\"").empty());
  CHECK(served("deny connect example.com").empty());
}

TEST_CASE("the proxy's port comes first, then the host's that rules name") {
  CHECK(served("allow connect example.com:443") == Ports{"3128"});
  CHECK(served("allow connect localhost:8080, 127.0.0.1:5432, [::1]:9000") ==
        Ports{"3128", "8080>localhost", "5432>127.0.0.1", "9000>::1"});
  CHECK(served("allow connect localhost:8000-8002") ==
        Ports{"3128", "8000>localhost", "8001>localhost", "8002>localhost"});
}

TEST_CASE("proxies of the caller's have ports of their own, where something may leave") {
  const std::string options = "option http-proxy-port = 9999; option socks-proxy-port = 1080";
  CHECK(served(options + "\nallow connect localhost:3129") ==
        Ports{"3128", "3130>9999", "3131>1080", "3129>localhost"});
  CHECK(served(options).empty());
  CHECK(served("option socks-proxy-port = 1080\nallow connect a.com") ==
        Ports{"3128", "3129>1080"});
}

TEST_CASE("a port that a rule wants for itself moves the proxy") {
  CHECK(served("allow connect localhost:3128-3129") ==
        Ports{"3130", "3128>localhost", "3129>localhost"});
}

TEST_CASE("ports that are denied again, twice named or unbounded have no listener") {
  CHECK(served("allow connect localhost:1-2\ndeny connect localhost:1") ==
        Ports{"3128", "2>localhost"});
  CHECK(served("allow connect localhost:80, localhost:80-81") ==
        Ports{"3128", "80>localhost", "81>localhost"});
  CHECK(served("allow connect localhost") == Ports{"3128"});
  CHECK(served("allow connect localhost:1-16").size() == 17);
  CHECK(served("allow connect localhost:1-17") == Ports{"3128"});
  CHECK(served("allow connect 10.0.0.1:80") == Ports{"3128"});
}

TEST_CASE("no more ports are served than a launch takes") {
  std::string policy;
  for (int i = 0; i < 100; ++i) {
    policy += "allow connect localhost:" + std::to_string(1000 + i) + '\n';
  }
  CHECK(served(policy).size() == kMaxPorts);
}

TEST_CASE("ports are published whose last rule says so, in order and with the proxy elsewhere") {
  const auto published = [](const std::string& policy) {
    return published_ports(test::PolicyBundle(policy).bundle);
  };
  using Numbers = std::vector<std::uint16_t>;
  CHECK(published("allow bind 3000").value().empty());
  CHECK(published("allow bind 3000, 80-82 publish").value() == Numbers{80, 81, 82, 3000});
  CHECK(published("allow bind 80-82 publish\ndeny bind 81\nallow bind 82").value() == Numbers{80});
  CHECK(served("allow bind 3128 publish\nallow connect a.b") == Ports{"3129"});
  CHECK(published("allow bind 80 publish\nallow connect localhost:80").error().message ==
        "port 80 cannot both be published and be the host's, as `allow connect` has it");
  CHECK(published("allow bind 1-64 publish").value().size() == kMaxPublishedPorts);
  CHECK_FALSE(published("allow bind 1-64, 65 publish"));
}

TEST_CASE("ports to wait on are those that rules name; wider rules are told apart") {
  const auto captured = [](const std::string& policy) {
    return captured_ports(test::PolicyBundle(policy).bundle);
  };
  CHECK(captured("allow connect a.b:443, c.d:443, c.d:22, localhost:80, 10.0.0.1:5432").ports ==
        std::vector<std::uint16_t>{443, 22, 5432});
  CHECK(captured("deny connect a.b:443").ports.empty());
  CHECK(captured("allow connect a.b:8000-8002").ports ==
        std::vector<std::uint16_t>{8000, 8001, 8002});
  for (const char* wide : {"allow connect a.b", "allow connect a.b:1-17"}) {
    CAPTURE(wide);
    CHECK(captured(wide).ports.empty());
    CHECK(captured(wide).rules_beyond.size() == 1);
  }
  std::string many;
  for (int i = 0; i < 40; ++i) many += "allow connect a.b:" + std::to_string(1000 + i) + '\n';
  CHECK(captured(many).ports.size() == kMaxCaptured);
  CHECK(captured(many).rules_beyond.size() == 40 - kMaxCaptured);
}

}  // namespace
}  // namespace srt
