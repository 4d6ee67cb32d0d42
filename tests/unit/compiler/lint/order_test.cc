#include "compiler/lint/order.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tests/support/naive_matcher.h"
#include "tests/support/patterns.h"
#include "tests/unit/compiler/lint/linted.h"

namespace srt::lint {
namespace {

std::string said(std::string_view text, Target target = Target::linux) {
  return Linted(text, target).order();
}

bool says(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("a grant that reaches what a deny above it closes is reported where it does") {
  CHECK(says(said("deny write ~/.ssh\nallow write ."),
             "`allow write .` re-opens all of `deny write ~/.ssh`, as for `~/.ssh` where the "
             "working directory is `~`"));
  CHECK(says(said("deny write ~/.ssh\nallow write .\ndeny write ./.ssh"),
             "where `~` is in the working directory"));
  CHECK(says(said("deny write /etc\nallow write ."), "where the working directory is `/`"));
  CHECK(says(said("deny write ~/.ssh\nallow write .."), "where `${cwd}/..` is `~`"));
  CHECK(says(said("param p\ndeny write ~/.ssh\nallow write ${p}"), "where `${p}` is `~`"));
  CHECK(says(said("param p = ${cwd}\ndeny write ~/.ssh\nallow write ${p}"), "reopened-deny"));
  CHECK(says(said("deny write ./x\nallow write .\ndeny write ~/work"),
             "where the working directory is elsewhere"));
  CHECK(says(said("use std.protect\nallow write ."),
             "re-opens part of `deny write /**/.profile existing` and of 20 more rules, as for "
             "`./.profile`"));
  CHECK(says(said("deny write ./**/.env\nallow write ./src"), "as for `./src/.env`"));
}

TEST_CASE("what is everyday and meant is left alone") {
  for (const char* policy :
       {"deny read ~\nallow read .", "param p\ndeny read ~\nallow read ${p}",
        "deny read ./**/.env\nallow read ./test/.env", "allow write .\ndeny write ~/.ssh",
        "allow write .\nuse std.protect", "use std.secrets\nallow read ~/.npmrc\nallow write .",
        "deny write ~/.ssh\nallow write .\ndeny write ~/.ssh",
        "deny read ~/.ssh\nallow read ./docs", "deny read /srv\nallow read .",
        "deny read /home\nallow read .", "deny read ./{.env,.env.*}\nallow read ./.env.example",
        "allow write ., ~, ${tmp}",
        "deny connect *.example.com\nallow connect a.example.com:443"}) {
    for (const Target target : kTargets) {
      const std::string shown = policy;
      CAPTURE(shown);
      CHECK_FALSE(says(said(policy, target), "reopened-deny"));
    }
  }
}

TEST_CASE("denies below are taken together") {
  const char* halves = "deny write ./[ab]\nallow write .\ndeny write ./a\ndeny write ./b";
  CHECK_FALSE(says(said(halves), "reopened-deny"));
  CHECK(says(said("deny write ./[abc]\nallow write .\ndeny write ./a\ndeny write ./b"),
             "re-opens part of `deny write ./[a-c]`, as for `./c`"));
  const char* ports = "deny bind 1-9\nallow bind 3-6\ndeny bind 1-4\ndeny bind 5-9";
  CHECK_FALSE(says(said(ports), "reopened-deny"));
  CHECK(says(said("deny bind 1-9\nallow bind 3-60\ndeny bind 1-4\ndeny bind 6-9"), "as for `5`"));
  // What exists only when the run starts is no answer to a deny of what comes later too.
  CHECK(says(said("deny write ./**/x\nallow write .\ndeny write ./**/x existing"), "re-opens"));
}

TEST_CASE("a rule that several rules below cover together is dead") {
  CHECK(says(said("allow write ./[ab]\nallow write ./a, ./b"),
             "`allow write ./[ab]` never decides: `allow write ./a` at test.srt:2:13 and `allow "
             "write ./b` at test.srt:2:18 cover it"));
  CHECK(
      says(said("allow bind 80-90\ndeny bind 70-85\nallow bind 86-99"),
           "`deny bind 70-85` at test.srt:2:11 and `allow bind 86-99` at test.srt:3:12 cover it"));
  CHECK(says(said("allow connect a.example.com:80-90\ndeny connect *.example.com:1-85\n"
                  "deny connect a.example.com:86-90"),
             "never decides"));
  CHECK(says(said("deny read ./*?\ndeny read ./?*"),
             "`deny read ./*?` never decides: `deny read ./?*` at test.srt:2:11 is the same, "
             "spelled otherwise"));
  CHECK(says(said("deny read ./x\ndeny read ./x"), "at test.srt:2:11 covers it"));
  // Nor do exceptions leave anything of it.
  CHECK(says(said("deny read ./[ab]\nallow read ./a\nallow read ./b"), "never decides"));
  // It depends on where the home directory is.
  CHECK_FALSE(says(said("allow write ./x\nallow write ~\ndeny write ~/y"), "dead-rule"));
  CHECK(said("allow write ./a\ndeny write ./a existing") == "");
  CHECK(said("default read deny\nallow write ./a\ndeny write ./a") == "");
}

TEST_CASE("what is too much to compare is said") {
  std::string many;
  for (int i = 0; i < 120; ++i) {
    many += fmt::format("deny read ./**/x{0}/**/y\nallow read ./**/z{0}\n", i);
  }
  const Linted linted(many);
  const Subject subject = linted.subject();
  Order order(subject, 10'000);
  CHECK(order.reopened().size() < 10);
  CHECK(order.is_exhausted());
  Diagnostics diagnostics;
  check_budget(subject, order, diagnostics);
  REQUIRE(diagnostics.all().size() == 1);
  CHECK(kind(diagnostics.all()[0].diag).id == "not-all-compared");
}

// A random policy over `${cwd}` and `${home}`, each rule at a place of its own.
struct RandomPolicy {
  explicit RandomPolicy(test::PolicyGenerator& random, std::size_t rules)
      : policy(random.policy(rules)) {
    sources.add("test.srt", std::string(2 * policy.rules.size() + 1, ' '));
    for (std::uint32_t i = 0; i < policy.rules.size(); ++i) {
      policy.rules[i].origin = {0, 2 * i, 2 * i + 1};
    }
  }

  Subject subject() const { return {policy, Target::linux, sources, {}}; }
  bool matches(std::size_t rule, std::string_view path,
               const test::AnchorValues& directories) const {
    return test::matches(policy.rules[rule].paths(), path, directories);
  }
  bool same_operation(std::size_t a, std::size_t b) const {
    return policy.rules[a].operation == policy.rules[b].operation;
  }

  ir::Policy policy;
  SourceSet sources;
};

// Two directories in every arrangement.
const std::vector<test::AnchorValues>& arrangements() {
  static const std::vector<test::AnchorValues> all = [] {
    std::vector<test::AnchorValues> made;
    const std::vector<std::string> directories = test::paths_over({"a", "b", "ab"}, 2);
    for (const std::string& cwd : directories) {
      for (const std::string& home : directories) made.push_back({cwd, home});
    }
    return made;
  }();
  return all;
}

template <typename F>
bool some_path(F&& holds) {
  static const std::vector<std::string> paths = test::paths_over({"a", "b", "ab"}, 5);
  for (const test::AnchorValues& directories : arrangements()) {
    for (const std::string& path : paths) {
      if (holds(path, directories)) return true;
    }
  }
  return false;
}

TEST_CASE("a rule is dead just when no path in no arrangement is left to it") {
  test::PolicyGenerator random(31, 2);
  int dead = 0;
  int alive = 0;
  for (int i = 0; i < 40; ++i) {
    const RandomPolicy random_policy(random, 5);
    const ir::Policy& policy = random_policy.policy;
    const Subject subject = random_policy.subject();
    Order order(subject);
    for (std::size_t rule = 0; rule < policy.rules.size(); ++rule) {
      const bool brings_reads = policy.rules[rule].operation == Operation::write &&
                                policy.rules[rule].effect == Effect::allow &&
                                policy.default_of(Operation::read) == Effect::deny;
      const auto by = order.covering(rule);
      // Where one directory has to lie deep in another, small ones show nothing.
      if (!by && policy.rules[rule].paths().within) continue;
      const bool decides_some = some_path([&](const auto& path, const auto& directories) {
        if (!random_policy.matches(rule, path, directories)) return false;
        for (std::size_t j = rule + 1; j < policy.rules.size(); ++j) {
          const bool counts = by ? std::find(by->begin(), by->end(), j) != by->end()
                                 : random_policy.same_operation(rule, j) &&
                                       !policy.rules[j].existing && !policy.rules[j].implied &&
                                       !(brings_reads && policy.rules[j].effect == Effect::deny);
          if (counts && random_policy.matches(j, path, directories)) return false;
        }
        return true;
      });
      CAPTURE(policy.rules[rule].text);
      CHECK(by.has_value() != decides_some);
      (by ? dead : alive) += 1;
    }
  }
  CHECK(dead > 10);
  CHECK(alive > 50);
}

// `~/a` and `./a` with the directories of an arrangement.
std::string expanded(const std::string& path, const ir::Policy& policy,
                     const ParameterValues& values) {
  const auto value = [&](std::string_view name) {
    for (std::size_t i = 0; i < policy.parameters.size(); ++i) {
      if (policy.parameters[i].name == name) return values[i];
    }
    return std::string();
  };
  if (path.starts_with('~')) return value("home") + path.substr(1);
  if (path.starts_with('.')) return value("cwd") + path.substr(1);
  return path == "/" ? "" : path;
}

test::AnchorValues directories_of(const ir::Policy& policy, const ParameterValues& values) {
  test::AnchorValues out;
  for (const Template& anchor : policy.anchors) out.push_back(expand(anchor, values));
  return out;
}

// Paths beneath the directories of an arrangement, and beneath the root directory.
std::vector<std::string> paths_near(const test::AnchorValues& directories) {
  std::vector<std::string> out;
  const std::vector<std::string> small = test::paths_over({"a", "b", "ab"}, 3);
  std::set<std::string> starts(directories.begin(), directories.end());
  starts.insert("");
  for (const std::string& start : starts) {
    for (const std::string& path : small) out.push_back(start + path);
  }
  return out;
}

TEST_CASE("what is said to be re-opened is, with the example and for the values that are named") {
  test::PolicyGenerator random(32, 2);
  int wholes = 0;
  int odd = 0;
  int exceptions = 0;
  for (int i = 0; i < 150; ++i) {
    const RandomPolicy random_policy(random, 6);
    const ir::Policy& policy = random_policy.policy;
    const Subject subject = random_policy.subject();
    Order order(subject);
    std::set<std::pair<std::size_t, std::size_t>> reported;
    const auto is_left = [&](std::size_t deny, std::size_t allow, const std::string& path,
                             const test::AnchorValues& directories) {
      for (std::size_t j = allow + 1; j < policy.rules.size(); ++j) {
        const bool counts = policy.rules[j].effect == Effect::deny &&
                            random_policy.same_operation(deny, j) &&
                            (!policy.rules[j].existing || policy.rules[deny].existing);
        if (counts && random_policy.matches(j, path, directories)) return false;
      }
      return true;
    };
    for (const Reopening& found : order.reopened()) {
      reported.insert({found.deny, found.allow});
      const test::AnchorValues directories = directories_of(policy, found.values);
      const std::string path = expanded(found.example, policy, found.values);
      CAPTURE(path);
      CHECK(found.deny < found.allow);
      CHECK(random_policy.matches(found.deny, path, directories));
      CHECK(random_policy.matches(found.allow, path, directories));
      CHECK(is_left(found.deny, found.allow, path, directories));
      odd += found.where.empty() ? 0 : 1;
      if (!found.whole) continue;
      ++wholes;
      for (const std::string& near : paths_near(directories)) {
        if (!random_policy.matches(found.deny, near, directories)) continue;
        CHECK(random_policy.matches(found.allow, near, directories));
        CHECK(is_left(found.deny, found.allow, near, directories));
      }
    }
    // In the common arrangement nothing is passed over but exceptions.
    const Arrangements known(policy, Target::linux);
    const Arrangement& common = known.common();
    const std::vector<std::string> near = paths_near(common.directories);
    for (std::size_t allow = 0; allow < policy.rules.size(); ++allow) {
      if (policy.rules[allow].effect != Effect::allow || policy.rules[allow].implied) continue;
      for (std::size_t deny = 0; deny < allow; ++deny) {
        if (policy.rules[deny].effect != Effect::deny ||
            !random_policy.same_operation(deny, allow) || reported.contains({deny, allow})) {
          continue;
        }
        const auto both = [&](const std::string& path) {
          return random_policy.matches(deny, path, common.directories) &&
                 random_policy.matches(allow, path, common.directories) &&
                 is_left(deny, allow, path, common.directories);
        };
        if (std::none_of(near.begin(), near.end(), both)) continue;
        ++exceptions;
        const auto is_inside = [&](const Arrangement& arrangement) {
          const std::vector<std::string> paths = paths_near(arrangement.directories);
          return std::all_of(paths.begin(), paths.end(), [&](const std::string& path) {
            return !random_policy.matches(allow, path, arrangement.directories) ||
                   random_policy.matches(deny, path, arrangement.directories);
          });
        };
        const auto anchor = policy.rules[allow].paths().pattern.anchor;
        const auto project = anchor ? known.as_project(*anchor) : std::nullopt;
        const bool is_exception = is_inside(common) || (project && is_inside(*project));
        CHECK(is_exception);
      }
    }
  }
  CHECK(wholes > 20);
  CHECK(odd > 5);
  CHECK(exceptions > 5);
}

}  // namespace
}  // namespace srt::lint
