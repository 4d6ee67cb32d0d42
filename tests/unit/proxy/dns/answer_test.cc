#include "proxy/dns/answer.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/support/dns_query.h"

namespace srt::net {
namespace {

using srt::test::dns_query;

constexpr uint16_t kA = 1;
constexpr uint16_t kAaaa = 28;

// "+pattern" allows, "-pattern" denies.
HostPolicy policy(const std::vector<std::string_view>& rules) {
  std::vector<HostRule> parsed;
  for (const std::string_view rule : rules) {
    const Effect effect = rule.front() == '+' ? Effect::allow : Effect::deny;
    parsed.push_back({effect, parse_host_pattern(rule.substr(1)).value(), "why",
                      static_cast<uint32_t>(parsed.size())});
  }
  return HostPolicy(std::move(parsed));
}

// Code and address in words: `0 198.18.1.0`, `3`.
std::string answer(const HostPolicy& rules, std::string_view name, uint16_t type) {
  NameMap names;
  const std::vector<uint8_t> response = answer_dns(dns_query(name, type), rules, names).response;
  REQUIRE(response.size() > 12);
  std::string text = std::to_string(response[3] & 0xf);
  if (response[7] == 0) return text;
  const size_t size = type == kA ? 4 : 16;
  return text + ' ' + to_string(*IpAddress::from_bytes(std::span(response).last(size)));
}

TEST_CASE("a name that is allowed on some port has an address, others do not exist") {
  const HostPolicy rules =
      policy({"+*.example.com:443", "+example.org", "-bad.example.com", "-part.example.com:1-442",
              "-x.example.com:1-442", "-x.example.com:443-65535", "-x.example.com:1"});
  CHECK(answer(rules, "www.example.com", kA) == "0 198.18.1.0");
  CHECK(answer(rules, "WWW.Example.COM", kA) == "0 198.18.1.0");
  CHECK(answer(rules, "example.org", kA) == "0 198.18.1.0");
  CHECK(answer(rules, "part.example.com", kA) == "0 198.18.1.0");
  for (const char* name :
       {"example.com", "bad.example.com", "x.example.com", "org", "", "127.0.0.1", "2130706433",
        "a b.example.com", "-.example.net", "localhost"}) {
    CAPTURE(name);
    CHECK(answer(rules, name, kA) == "3");
    CHECK(answer(rules, name, kAaaa) == "3");
  }
}

TEST_CASE("of a permitted name there is an answer too for the case that it does not exist") {
  NameMap names;
  const HostPolicy rules = policy({"+*", "-bad.example"});
  for (const uint16_t type : {kA, kAaaa}) {
    const DnsOutcome outcome = answer_dns(dns_query("WWW.example.", type), rules, names);
    REQUIRE(outcome.permitted);
    CHECK(outcome.permitted->text() == "www.example");
    REQUIRE(outcome.absent.size() > 12);
    CHECK((outcome.absent[3] & 0xf) == 3);
    CHECK(outcome.absent[7] == 0);
  }
  CHECK_FALSE(answer_dns(dns_query("bad.example", kA), rules, names).permitted);
  CHECK_FALSE(answer_dns(dns_query("localhost", kA), rules, names).permitted);
}

TEST_CASE("P50: only addresses are told of, nothing else of any name") {
  const HostPolicy rules = policy({"+*.example.com"});
  for (const uint16_t type : {uint16_t{28}, uint16_t{64}, uint16_t{65}}) {
    CHECK(answer(rules, "www.example.com", type) == "0");
  }
  for (const int type : {2, 5, 6, 12, 15, 16, 33, 35, 43, 99, 251, 252, 255, 256}) {
    CAPTURE(type);
    CHECK(answer(rules, "www.example.com", static_cast<uint16_t>(type)) == "5");
    CHECK(answer(rules, "secret.denied.example", static_cast<uint16_t>(type)) == "5");
  }
}

TEST_CASE("P44: localhost and names beneath it are loopback where a rule allows them") {
  const HostPolicy rules = policy({"+localhost:80", "+*.localhost:80"});
  CHECK(answer(rules, "localhost", kA) == "0 127.0.0.1");
  CHECK(answer(rules, "localhost", kAaaa) == "0 ::1");
  CHECK(answer(rules, "app.localhost", kA) == "0 127.0.0.1");
  CHECK(answer(policy({"+*"}), "localhost", kA) == "3");
}

TEST_CASE("P41: a name that only looks allowed is denied") {
  NameMap names;
  std::vector<uint8_t> query = dns_query("evil_allowed.com", kA);
  query[17] = 0;
  CHECK((answer_dns(query, policy({"+*"}), names).response[3] & 0xf) == 3);
  query[17] = '.';
  CHECK((answer_dns(query, policy({"+*"}), names).response[3] & 0xf) == 3);
}

TEST_CASE("a denial names the rule and tells its reason") {
  NameMap names;
  const HostPolicy rules = policy({"+*", "-bad.example"});
  const DnsOutcome denied = answer_dns(dns_query("bad.example", kA, true), rules, names);
  REQUIRE(denied.denied);
  CHECK(to_string(*denied.denied) == "bad.example");
  REQUIRE(denied.rule != nullptr);
  CHECK(denied.rule->rule == 1);
  const std::string text(denied.response.begin(), denied.response.end());
  CHECK(text.find("why") != std::string::npos);
  const DnsOutcome unknown = answer_dns(dns_query("x.y", kA), policy({"+a.b"}), names);
  CHECK(unknown.denied);
  CHECK(unknown.rule == nullptr);
}

}  // namespace
}  // namespace srt::net
