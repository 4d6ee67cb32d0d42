#include "compiler/lint/subjects.h"

#include <doctest/doctest.h>

#include <random>

#include "proxy/hosts/host_pattern.h"

namespace srt::lint {
namespace {

ir::Rule hosts(Effect effect, const std::string& text) {
  return {effect, Operation::connect, net::parse_host_pattern(text).value(), false, false, {}, {},
          {}};
}
ir::Rule ports(Effect effect, std::uint16_t first, std::uint16_t last) {
  return {effect, Operation::bind, net::PortRange{first, last}, false, false, {}, {}, {}};
}
ir::Rule names(Effect effect, const std::string& text) {
  return {effect, Operation::env, NamePattern::parse(text).value(), false, false, {}, {}, {}};
}

bool matches(const ir::Rule& rule, const std::string& host, std::uint16_t port) {
  return net::matches(rule.hosts(), net::canonical_host(host).value(), port, rule.effect);
}

TEST_CASE("what hosts are said to be covered are, for every host and port that is tried") {
  const std::vector<std::string> patterns = {"*",
                                             "*:80",
                                             "example.com",
                                             "example.com:80-90",
                                             "*.example.com:80",
                                             "a.example.com",
                                             "*.a.example.com:80-443",
                                             "10.0.0.0/8",
                                             "10.1.0.0/16:80",
                                             "10.1.2.3",
                                             "localhost:80",
                                             "*.localhost",
                                             "[2001:db8::/32]",
                                             "[::ffff:10.1.2.3]:80"};
  const std::vector<std::string> tried = {"example.com", "a.example.com", "b.a.example.com",
                                          "x.org",       "localhost",     "x.localhost",
                                          "10.1.2.3",    "10.9.9.9",      "11.0.0.1",
                                          "2001:db8::1", "2001:db9::1",   "64:ff9b::a01:203",
                                          "::1"};
  int covered = 0;
  for (const std::string& a : patterns) {
    for (const std::string& b : patterns) {
      for (const Effect of_a : {Effect::allow, Effect::deny}) {
        for (const Effect of_b : {Effect::allow, Effect::deny}) {
          const ir::Rule inner = hosts(of_a, a);
          const ir::Rule outer = hosts(of_b, b);
          const auto example = common_subject(inner, outer, {});
          bool meets = false;
          const bool is_inside = is_covered(inner, outer);
          covered += is_inside ? 1 : 0;
          for (const std::string& host : tried) {
            for (const std::uint16_t port :
                 {std::uint16_t{80}, std::uint16_t{85}, std::uint16_t{443}}) {
              const bool in_both = matches(inner, host, port) && matches(outer, host, port);
              meets = meets || in_both;
              if (!is_inside || !matches(inner, host, port)) continue;
              CAPTURE(a);
              CAPTURE(b);
              CHECK(in_both);
            }
          }
          if (!meets) continue;
          CAPTURE(a);
          CAPTURE(b);
          CHECK(example.has_value());
        }
      }
    }
  }
  CHECK(covered > 100);
}

TEST_CASE("ports are covered together just when no port is left") {
  std::mt19937 random(5);
  const auto range = [&](Effect effect) {
    const auto first = static_cast<std::uint16_t>(1 + random() % 12);
    return ports(effect, first, static_cast<std::uint16_t>(first + random() % 6));
  };
  int together = 0;
  for (int i = 0; i < 400; ++i) {
    const ir::Rule rule = range(Effect::allow);
    const std::vector<ir::Rule> later = {range(Effect::deny), range(Effect::allow),
                                         range(Effect::deny)};
    const std::vector<const ir::Rule*> by = {&later[0], &later[1], &later[2]};
    bool is_left = false;
    for (std::uint16_t port = 1; port < 20; ++port) {
      is_left = is_left || (rule.ports().contains(port) &&
                            std::none_of(by.begin(), by.end(), [&](const ir::Rule* other) {
                              return other->ports().contains(port);
                            }));
    }
    const auto found = covering(rule, by);
    CHECK(found.has_value() != is_left);
    together += found && found->size() > 1 ? 1 : 0;
    const std::vector<const ir::Rule*> without = {by[1], by[2]};
    const auto example = common_subject(rule, later[0], without);
    bool some = false;
    for (std::uint16_t port = 1; port < 20; ++port) {
      some = some || (rule.ports().contains(port) && later[0].ports().contains(port) &&
                      !later[1].ports().contains(port) && !later[2].ports().contains(port));
    }
    CHECK(example.has_value() == some);
  }
  CHECK(together > 10);
}

TEST_CASE("names are covered by an equal pattern, by `*`, and literals by what matches them") {
  const ir::Rule token = names(Effect::allow, "A_TOKEN");
  CHECK(is_covered(token, names(Effect::deny, "*_TOKEN")));
  CHECK(is_covered(names(Effect::allow, "*_TOKEN"), names(Effect::deny, "*")));
  CHECK_FALSE(is_covered(names(Effect::allow, "*_TOKEN"), token));
  CHECK(common_subject(token, names(Effect::deny, "*_TOKEN"), {}) == "A_TOKEN");
  const ir::Rule secret = names(Effect::deny, "*_SECRET");
  CHECK(common_subject(names(Effect::allow, "*"), secret, {}).has_value());
  const std::vector<const ir::Rule*> by = {&secret};
  CHECK_FALSE(common_subject(names(Effect::allow, "*"), secret, by).has_value());
  CHECK_FALSE(covering(token, by).has_value());
}

}  // namespace
}  // namespace srt::lint
