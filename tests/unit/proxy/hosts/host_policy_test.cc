#include "proxy/hosts/host_policy.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using srt::Effect;
using srt::net::AddressProblem;
using srt::net::AddressVerdict;
using srt::net::canonical_host;
using srt::net::check_resolved_address;
using srt::net::Host;
using srt::net::HostDecision;
using srt::net::HostPolicy;
using srt::net::HostRule;
using srt::net::IpAddress;
using srt::net::parse_host_pattern;

namespace {

// "+pattern" allows, "-pattern" denies.
HostPolicy policy(const std::vector<std::string_view>& rules, Effect fallback = Effect::deny) {
  std::vector<HostRule> parsed;
  for (const std::string_view rule : rules) {
    const Effect effect = rule.front() == '+' ? Effect::allow : Effect::deny;
    parsed.push_back({effect, parse_host_pattern(rule.substr(1)).value(), "",
                      static_cast<uint32_t>(parsed.size())});
  }
  return HostPolicy(std::move(parsed), fallback);
}

Host host(std::string_view text) { return canonical_host(text).value(); }

IpAddress address(std::string_view text) {
  if (text.find(':') != std::string_view::npos) return srt::net::parse_ipv6(text).value();
  return srt::net::parse_ipv4(text).value();
}

AddressProblem problem(const HostPolicy& rules, std::string_view asked, std::string_view resolved,
                       uint16_t port = 443) {
  const auto is_own = [](const IpAddress& one) {
    return one == address("192.168.1.7") || one == address("2001:db8::7");
  };
  return check_resolved_address(rules, host(asked), address(resolved), port, is_own).problem;
}

TEST_CASE("a name is allowed on some port unless every one of them is denied") {
  const auto allowed = [](const std::vector<std::string_view>& rules, Effect fallback) {
    const auto name = std::get<srt::net::HostName>(canonical_host("a.example").value());
    return policy(rules, fallback).decide_on_some_port(name).effect == Effect::allow;
  };
  CHECK_FALSE(allowed({}, Effect::deny));
  CHECK(allowed({}, Effect::allow));
  CHECK(allowed({"+a.example:443"}, Effect::deny));
  CHECK(allowed({"+*.example:443", "-a.example:1-442"}, Effect::deny));
  CHECK_FALSE(allowed({"+*.example:443", "-a.example:1-443"}, Effect::deny));
  CHECK_FALSE(allowed({"+a.example", "-a.example:1-442", "-*:443-65535"}, Effect::deny));
  CHECK(allowed({"+a.example", "-a.example:1-442", "-*:444-65535"}, Effect::deny));
  CHECK(allowed({"-*", "+a.example:1"}, Effect::allow));
  CHECK_FALSE(allowed({"-*"}, Effect::allow));
  CHECK_FALSE(allowed({"+b.example", "+10.0.0.1"}, Effect::deny));
}

}  // namespace

TEST_CASE("an unspecified address is allowed only where the loopback that it leads to is") {
  const auto effect = [](const std::vector<std::string_view>& rules, std::string_view asked) {
    return policy(rules).decide(host(asked), 9993).effect;
  };
  for (const std::string_view asked : {"0.0.0.0", "0", "[::ffff:0.0.0.0]"}) {
    CAPTURE(asked);
    CHECK(effect({"+0.0.0.0/0", "-127.0.0.0/8"}, asked) == Effect::deny);
    CHECK(effect({"+0.0.0.0"}, asked) == Effect::deny);
    CHECK(effect({"+127.0.0.1"}, asked) == Effect::deny);
    CHECK(effect({"+0.0.0.0", "+127.0.0.1"}, asked) == Effect::allow);
  }
  CHECK(effect({"+[::/0]", "-[::1]"}, "::") == Effect::deny);
  CHECK(effect({"+[::/0]"}, "::") == Effect::allow);
  const HostPolicy rules =
      policy({"+name.test", "+0.0.0.0/0", "-127.0.0.0/8", "+[::/0]", "-[::1]"});
  CHECK(problem(rules, "name.test", "0.0.0.0") == AddressProblem::denied_by_rule);
  CHECK(problem(rules, "name.test", "::") == AddressProblem::denied_by_rule);
}

TEST_CASE("the last matching rule decides") {
  const HostPolicy rules =
      policy({"+*.example.com", "-bad.example.com", "+bad.example.com:8443", "-*:22"});
  const HostDecision good = rules.decide(host("a.example.com"), 443);
  CHECK(good.effect == Effect::allow);
  REQUIRE(good.rule != nullptr);
  CHECK(good.rule->rule == 0);

  const HostDecision bad = rules.decide(host("bad.example.com"), 443);
  CHECK(bad.effect == Effect::deny);
  REQUIRE(bad.rule != nullptr);
  CHECK(bad.rule->rule == 1);

  CHECK(rules.decide(host("bad.example.com"), 8443).rule->rule == 2);
  CHECK(rules.decide(host("a.example.com"), 22).rule->rule == 3);
}

TEST_CASE("P42: no rules mean no network, and no rule is named") {
  const HostDecision decision = policy({}).decide(host("example.com"), 443);
  CHECK(decision.effect == Effect::deny);
  CHECK(decision.rule == nullptr);
  CHECK(policy({}, Effect::allow).decide(host("example.com"), 443).effect == Effect::allow);
}

TEST_CASE("P46: an allowed host is not allowed on another port") {
  const HostPolicy rules = policy({"+example.com:443"});
  CHECK(rules.decide(host("example.com"), 443).effect == Effect::allow);
  CHECK(rules.decide(host("example.com"), 22).effect == Effect::deny);
}

TEST_CASE("P43: an allowed name does not reach addresses that no public name points to") {
  struct Case {
    std::string_view resolved;
    AddressProblem problem;
  };
  const HostPolicy rules = policy({"+*"});
  for (const Case& c : {
           Case{"93.184.216.34", AddressProblem::none},
           Case{"10.1.2.3", AddressProblem::none},
           Case{"2606:2800:220:1::1", AddressProblem::none},
           Case{"127.0.0.1", AddressProblem::loopback},
           Case{"127.200.1.1", AddressProblem::loopback},
           Case{"::1", AddressProblem::loopback},
           Case{"0.0.0.0", AddressProblem::unspecified},
           Case{"0.1.2.3", AddressProblem::unspecified},
           Case{"::", AddressProblem::unspecified},
           Case{"169.254.1.1", AddressProblem::link_local},
           Case{"fe80::1", AddressProblem::link_local},
           Case{"224.0.0.1", AddressProblem::multicast},
           Case{"ff02::1", AddressProblem::multicast},
           Case{"255.255.255.255", AddressProblem::broadcast},
           Case{"169.254.169.254", AddressProblem::metadata},
           Case{"100.100.100.200", AddressProblem::metadata},
           Case{"fd00:ec2::254", AddressProblem::metadata},
           Case{"192.168.1.7", AddressProblem::own_address},
           Case{"2001:db8::7", AddressProblem::own_address},
           Case{"::ffff:192.168.1.7", AddressProblem::own_address},
       }) {
    CAPTURE(c.resolved);
    CHECK(problem(rules, "example.com", c.resolved) == c.problem);
  }
}

TEST_CASE("P44: IPv4 inside IPv6 is judged by the IPv4") {
  const HostPolicy rules = policy({"+*"});
  for (const std::string_view resolved :
       {"::ffff:127.0.0.1", "::127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1", "2002:7f00:1::"}) {
    CAPTURE(resolved);
    CHECK(problem(rules, "example.com", resolved) == AddressProblem::loopback);
  }
  CHECK(problem(rules, "example.com", "64:ff9b::5db8:d822") == AddressProblem::none);
  CHECK(problem(rules, "example.com", "64:ff9b::a9fe:a9fe") == AddressProblem::metadata);
}

TEST_CASE("an address that a rule denies is not reached through a name") {
  const HostPolicy rules = policy({"-10.0.0.0/8", "+example.com"});
  const AddressVerdict verdict =
      check_resolved_address(rules, host("example.com"), address("10.0.0.1"), 443, {});
  CHECK(verdict.problem == AddressProblem::denied_by_rule);
  REQUIRE(verdict.rule != nullptr);
  CHECK(verdict.rule->rule == 0);
  CHECK(problem(rules, "example.com", "64:ff9b::a00:1") == AddressProblem::denied_by_rule);
  CHECK(problem(rules, "example.com", "11.0.0.1") == AddressProblem::none);
}

TEST_CASE("a deny of every host says nothing about the addresses of a name allowed later") {
  const HostPolicy rules = policy({"-*", "+example.com"});
  CHECK(problem(rules, "example.com", "93.184.216.34") == AddressProblem::none);
  CHECK(rules.decide(host("93.184.216.34"), 443).effect == Effect::deny);
}

TEST_CASE("a literal that a rule allows is reached, through a name too, on that port only") {
  const HostPolicy rules = policy({"+*", "+127.0.0.1:3000", "+192.168.1.7"});
  CHECK(problem(rules, "example.com", "127.0.0.1", 3000) == AddressProblem::none);
  CHECK(problem(rules, "127.0.0.1", "127.0.0.1", 3000) == AddressProblem::none);
  CHECK(problem(rules, "example.com", "127.0.0.1", 3001) == AddressProblem::loopback);
  CHECK(problem(rules, "example.com", "192.168.1.7", 1) == AddressProblem::none);
  CHECK(problem(rules, "example.com", "::ffff:127.0.0.1", 3000) == AddressProblem::none);
  CHECK(problem(rules, "example.com", "64:ff9b::7f00:1", 3000) == AddressProblem::loopback);
}

TEST_CASE("a default of allow does not open guarded addresses") {
  CHECK(problem(policy({}, Effect::allow), "127.0.0.1", "127.0.0.1") == AddressProblem::loopback);
}

TEST_CASE("localhost is opened by its name only, neither by `*` nor by a default of allow") {
  CHECK(policy({"+*"}).decide(host("localhost"), 80).effect == Effect::deny);
  CHECK(policy({"+*:80"}).decide(host("a.localhost"), 80).effect == Effect::deny);
  CHECK(policy({"+localhost", "-*"}).decide(host("localhost"), 80).effect == Effect::deny);
  CHECK(problem(policy({}, Effect::allow), "localhost", "127.0.0.1") == AddressProblem::loopback);
  CHECK(policy({"+*", "+localhost:80"}).decide(host("localhost"), 80).effect == Effect::allow);
}

TEST_CASE("localhost is loopback and nothing else") {
  const HostPolicy rules = policy({"+localhost:3000", "+*.localhost", "+10.0.0.1"});
  CHECK(problem(rules, "localhost", "127.0.0.1", 3000) == AddressProblem::none);
  CHECK(problem(rules, "LOCALHOST.", "::1", 3000) == AddressProblem::none);
  CHECK(problem(rules, "a.localhost", "127.0.0.2") == AddressProblem::none);
  CHECK(problem(rules, "localhost", "93.184.216.34", 3000) == AddressProblem::not_loopback);
  CHECK(problem(rules, "localhost", "10.0.0.1", 3000) == AddressProblem::not_loopback);
  CHECK(problem(policy({"+localhost", "-127.0.0.0/8"}), "localhost", "127.0.0.1") ==
        AddressProblem::denied_by_rule);
}

TEST_CASE("every problem has words") {
  for (auto p = static_cast<uint8_t>(AddressProblem::unspecified);
       p <= static_cast<uint8_t>(AddressProblem::not_loopback); ++p) {
    CHECK_FALSE(srt::net::describe(static_cast<AddressProblem>(p)).empty());
  }
}
