#include "compiler/ir/path_table.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/naive_matcher.h"
#include "tests/support/patterns.h"

// Automata of whole policies against the naive reading of their rules.
namespace srt::ir {
namespace {

using test::AnchorValues;
using test::literal;

const std::vector<AnchorValues> kArrangements = {
    {"", ""}, {"/a", "/a"}, {"/a", "/a/b"}, {"/a/b", "/a"}, {"/a", "/b"}, {"", "/b"}, {"/ab", ""}};

Access naive_access(const Policy& policy, std::string_view path, const AnchorValues& anchors) {
  const auto allows = [&](Operation operation) {
    return test::decide(policy, operation, path, anchors) == Effect::allow;
  };
  return !allows(Operation::read)   ? Access::none
         : allows(Operation::write) ? Access::write
                                    : Access::read;
}

std::string described(const Policy& policy) {
  std::string out = "default read " + std::string(to_string(policy.default_of(Operation::read)));
  for (const Rule& rule : policy.rules) out += "; " + rule.text;
  return out;
}

void add(Policy& policy, Effect effect, Operation operation, glob::PathPattern pattern) {
  Rule rule{effect, operation, glob::PathSet{std::move(pattern), {}, {}}, false, false, {}, {}, {}};
  rule.text = spell(policy, rule);
  policy.rules.push_back(std::move(rule));
}

TEST_CASE("access to every small path is what the rules say, by a rule that matches") {
  const std::vector<std::string> paths = test::paths_over({"a", "b", "ab"}, 4);
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    test::PolicyGenerator random(seed, 2);
    const Policy policy = random.policy(5 + random.below(8));
    const Result<PathTable> table = build_path_table(policy);
    REQUIRE(table);
    CHECK_FALSE(table->flaw(policy.rules.size()));
    for (const AnchorValues& anchors : kArrangements) {
      for (const std::string& path : paths) {
        const PathTable::Verdict verdict = table->verdict(table->find(path, anchors));
        const Access expected = naive_access(policy, path, anchors);
        if (verdict.access != expected) {
          FAIL_CHECK(described(policy), " on `", path, "`, anchors `", anchors[0], "` `",
                     anchors[1], "`: expected ", to_string(expected));
        }
        for (const std::uint32_t number : {verdict.read_rule, verdict.write_rule}) {
          if (number == PathTable::kNoRule) continue;
          if (!test::matches(policy.rules[number].paths(), path, anchors)) {
            FAIL_CHECK(described(policy), " on `", path, "`: rule ", number, " does not match");
          }
        }
      }
    }
  }
}

TEST_CASE("the range of a directory holds the access to everything beneath it") {
  const std::vector<std::string> tails = test::paths_over({"a", "b", "ab"}, 3);
  const std::vector<std::string> directories = test::paths_over({"a", "b"}, 2);
  std::size_t single = 0;
  for (std::uint32_t seed = 0; seed < 80; ++seed) {
    test::PolicyGenerator random(seed, 2);
    const Policy policy = random.policy(5 + random.below(8));
    const PathTable table = build_path_table(policy).value();
    for (const AnchorValues& anchors : kArrangements) {
      for (const std::string& directory : directories) {
        const PathTable::Position at = table.find(directory, anchors);
        const PathTable::Range range = table.range(at);
        CHECK(range.lowest <= range.highest);
        single += range.is_single() ? 1U : 0U;
        for (const std::string& tail : tails) {
          PathTable::Position position = at;
          table.read(position, tail);
          const Access access = table.verdict(position).access;
          if (range.lowest <= access && access <= range.highest) continue;
          FAIL_CHECK(described(policy), ": `", directory, "` + `", tail, "` is ",
                     to_string(access));
        }
      }
    }
  }
  CHECK(single > 100);  // a range that is always the widest would be sound, and of no use
}

TEST_CASE("where nothing can change beneath, the range is a single access") {
  Policy policy = test::policy_with_anchors(1);
  add(policy, Effect::deny, Operation::read, {{}, {literal("/a")}, true});
  add(policy, Effect::allow, Operation::write, {0, {}, true});
  const PathTable table = build_path_table(policy).value();
  // A name goes on until its `/`: `/ab` is not beneath `/a`.
  const auto range = [&](std::string_view path) {
    PathTable::Position beneath = table.find(path, {"/w"});
    table.step(beneath, '/');
    return table.range(beneath);
  };
  CHECK(range("/a").is_single());
  CHECK(range("/a").lowest == Access::none);
  CHECK(range("/w").is_single());
  CHECK(range("/w").highest == Access::write);
  CHECK(range("/b").highest == Access::read);
  CHECK(range("/b").is_single());
  CHECK_FALSE(range("").is_single());
}

TEST_CASE("the rule that is named matches, also beneath what another one matches as a whole") {
  Policy policy = test::policy_with_anchors(0);
  policy.defaults[static_cast<std::size_t>(Operation::read)] = Effect::deny;
  add(policy, Effect::allow, Operation::read, {{}, {literal("/a/"), test::run()}, true});
  add(policy, Effect::allow, Operation::read,
      {{}, {literal("/a/b/"), test::run(), literal("c")}, false});
  const PathTable table = build_path_table(policy).value();
  CHECK(table.verdict(table.find("/a/b/c/d", {})).read_rule == 0);
}

TEST_CASE("of several rules the last decides, not the most specific (C4)") {
  Policy policy = test::policy_with_anchors(0);
  add(policy, Effect::deny, Operation::read, {{}, {literal("/a/b")}, true});
  add(policy, Effect::deny, Operation::read, {{}, {literal("/a")}, true});
  add(policy, Effect::allow, Operation::read, {{}, {literal("/a/b/c")}, true});
  const PathTable table = build_path_table(policy).value();
  const auto access = [&](std::string_view path) {
    return table.verdict(table.find(path, {})).access;
  };
  CHECK(access("/a/b") == Access::none);
  CHECK(access("/a/b/c/d") == Access::read);
  CHECK(access("/a/x") == Access::none);
}

TEST_CASE("a write needs the read") {
  Policy policy = test::policy_with_anchors(0);
  policy.defaults[static_cast<std::size_t>(Operation::read)] = Effect::deny;
  add(policy, Effect::deny, Operation::read, {{}, {literal("/a/secret")}, true});
  add(policy, Effect::allow, Operation::write, {{}, {literal("/a")}, true});
  add_implied_reads(policy);
  const PathTable table = build_path_table(policy).value();
  const auto verdict = [&](std::string_view path) { return table.verdict(table.find(path, {})); };
  CHECK(verdict("/a/x").access == Access::write);
  CHECK(verdict("/a/secret").access == Access::none);
  CHECK(policy.rules[verdict("/a/secret").rule()].text == "deny read /a/secret");
  CHECK(verdict("/b").access == Access::none);
  CHECK(verdict("/b").rule() == PathTable::kNoRule);
}

TEST_CASE("rules about hosts are no part of the table") {
  Policy policy = test::policy_with_anchors(0);
  policy.rules.push_back({Effect::allow,
                          Operation::connect,
                          net::HostPattern{net::AnyHost{}},
                          false,
                          false,
                          {},
                          {},
                          "allow connect *"});
  add(policy, Effect::deny, Operation::read, {{}, {literal("/a")}, true});
  const PathTable table = build_path_table(policy).value();
  CHECK(table.lanes.size() == 1);
  CHECK(table.verdict(table.find("/a", {})).read_rule == 1);
}

TEST_CASE("a rule that needs too many states is named") {
  Policy policy = test::policy_with_anchors(0);
  glob::PathPattern pattern{{}, {test::segments(), literal("/a")}, true};
  for (int i = 0; i < 16; ++i) {
    pattern.atoms.push_back(literal("/"));
    pattern.atoms.push_back(test::run());
  }
  add(policy, Effect::allow, Operation::read, {{}, {literal("/b")}, true});
  add(policy, Effect::allow, Operation::read, pattern);
  std::size_t costliest = 0;
  const Result<PathTable> table = build_path_table(policy, &costliest);
  REQUIRE_FALSE(table);
  CHECK(table.error().message.find("`allow read /**/a/*") != std::string::npos);
  CHECK(costliest == 1);
}

TEST_CASE("of rules that need too many states together the one with most is named") {
  Policy policy = test::policy_with_anchors(0);
  // Each remembers where in the last components its own letter stood.
  for (const auto& [letter, depth] : {std::pair("/a", 8), {"/b", 9}, {"/c", 8}}) {
    glob::PathPattern pattern{{}, {test::segments(), literal(letter)}, false};
    for (int i = 0; i < depth; ++i) {
      pattern.atoms.push_back(literal("/"));
      pattern.atoms.push_back(test::run());
    }
    add(policy, Effect::allow, Operation::read, pattern);
  }
  std::size_t costliest = 0;
  const Result<PathTable> table = build_path_table(policy, &costliest);
  REQUIRE_FALSE(table);
  CHECK(table.error().message.find(
            "together need too many states, most of them `allow read /**/b") != std::string::npos);
  CHECK(costliest == 1);
}

TEST_CASE("write grants bring reads at the lowest rank, where reads are denied by default") {
  Policy policy = test::policy_with_anchors(0);
  add(policy, Effect::allow, Operation::write, {{}, {literal("/w")}, true});
  add(policy, Effect::deny, Operation::read, {{}, {literal("/w/s")}, true});
  add(policy, Effect::deny, Operation::write, {{}, {literal("/w/t")}, true});
  Policy open = policy;
  add_implied_reads(open);
  CHECK(open.rules.size() == 3);

  policy.defaults[static_cast<std::size_t>(Operation::read)] = Effect::deny;
  add_implied_reads(policy);
  REQUIRE(policy.rules.size() == 4);
  CHECK(policy.rules[1].text == "allow read /w (brought by allow write)");
  CHECK(policy.rules[1].implied);
  CHECK(policy.rules[2].text == "deny read /w/s");
}

TEST_CASE("parameters and anchors are kept once") {
  Policy policy;
  const Parameter cwd{"cwd", Parameter::Source::working_directory, Parameter::Type::path, {}};
  CHECK(policy.intern(cwd) == 0);
  CHECK(policy.intern(cwd) == 0);
  const Template anchor{{{Template::Piece::Kind::parameter, {}, 0}}};
  const Template parent{
      {{Template::Piece::Kind::parameter, {}, 0}, {Template::Piece::Kind::parent, {}, 0}}};
  CHECK(policy.intern(anchor) == 0);
  CHECK(policy.intern(parent) == 1);
  CHECK(policy.intern(anchor) == 0);
  CHECK(spell(policy, parent) == "${cwd}/..");
}

}  // namespace
}  // namespace srt::ir
