#include "compiler/glob/algebra.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "tests/support/naive_matcher.h"
#include "tests/support/patterns.h"

// Claims about sets against all paths in all arrangements of two anchors.
namespace srt::glob {
namespace {

using test::AnchorValues;
using test::literal;

// Two directories in every arrangement: equal, one in the other, apart, the root directory.
std::vector<AnchorValues> arrangements() {
  std::vector<AnchorValues> all;
  const std::vector<std::string> directories = test::paths_over({"a", "b", "ab"}, 2);
  for (const std::string& cwd : directories) {
    for (const std::string& home : directories) all.push_back({cwd, home});
  }
  return all;
}

// What holds of two sets on all small paths.
struct Seen {
  bool some_in_a = false;
  bool some_in_both = false;
  bool some_in_a_alone = false;
};

Seen look(const PathSet& a, const PathSet& b) {
  static const std::vector<std::string> paths = test::paths_over({"a", "b", "ab"}, 4);
  static const std::vector<AnchorValues> all = arrangements();
  Seen seen;
  for (const AnchorValues& anchors : all) {
    for (const std::string& path : paths) {
      if (!test::matches(a, path, anchors)) continue;
      seen.some_in_a = true;
      (test::matches(b, path, anchors) ? seen.some_in_both : seen.some_in_a_alone) = true;
      if (seen.some_in_both && seen.some_in_a_alone) return seen;
    }
  }
  return seen;
}

PathSet tree(std::optional<AnchorId> anchor, const std::string& bytes) {
  PathSet set{{anchor, {}, true}, {}, {}};
  if (!bytes.empty()) set.pattern.atoms.push_back(literal(bytes));
  return set;
}

TEST_CASE("claims about random sets are those that hold on every small path") {
  test::PolicyGenerator random(4, 2);
  int subsets = 0;
  int apart = 0;
  for (int i = 0; i < 50; ++i) {
    const PathSet a = random.set(2);
    // Every other pair is related by design, so that both answers come up.
    PathSet b = random.set(2);
    if (i % 2 == 0) {
      b = a;
      b.pattern.subtree = true;
      if (!b.except.empty()) b.except.pop_back();
    }
    const Seen seen = look(a, b);
    const ir::Policy policy = test::policy_with_anchors(2);
    const std::string pair = spell(policy, a) + " | " + spell(policy, b);
    CAPTURE(pair);
    CHECK(is_empty(a) == !seen.some_in_a);
    CHECK(is_subset(a, b) == !seen.some_in_a_alone);
    CHECK(intersects(a, b) == seen.some_in_both);
    CHECK(intersects(b, a) == seen.some_in_both);
    subsets += seen.some_in_a_alone ? 0 : 1;
    apart += seen.some_in_both ? 0 : 1;
  }
  CHECK(subsets > 10);
  CHECK(apart > 2);
}

TEST_CASE("an anchor is in one place") {
  // Only a second `${cwd}` beneath the first would be spared by the exception.
  PathSet home = tree(1, "");
  home.except.push_back({0, {test::segments()}, false});
  CHECK_FALSE(intersects(home, tree(0, "/a")));
}

TEST_CASE("what depends on the arrangement is no claim") {
  CHECK(is_subset(tree(0, "/x"), tree(0, "")));
  CHECK_FALSE(is_subset(tree(0, ""), tree(1, "")));
  CHECK_FALSE(is_subset(tree(0, "/.ssh"), tree(1, "")));
  CHECK(intersects(tree(0, ""), tree(1, "/.ssh")));
  CHECK(intersects(tree(0, "/a"), tree({}, "/a/b")));
  CHECK(is_subset(tree(0, ""), tree({}, "")));
  CHECK_FALSE(is_subset(tree({}, ""), tree(0, "")));  // it need not be the root directory
}

TEST_CASE("literal sets compare by components") {
  CHECK_FALSE(intersects(tree({}, "/a"), tree({}, "/ab")));
  CHECK(is_subset(tree({}, "/a/b"), tree({}, "/a")));
  CHECK_FALSE(is_subset(tree({}, "/a"), tree({}, "/a/b")));
}

TEST_CASE("a set without paths is empty") {
  PathSet none = tree({}, "/a");
  none.except.push_back({{}, {literal("/a")}, false});
  CHECK(is_empty(none));
  CHECK(is_subset(none, tree({}, "/b")));
  CHECK_FALSE(intersects(none, none));
  // `/` at the end spells no canonical path.
  CHECK(is_empty({{{}, {literal("/a"), test::run(), literal("/")}, false}, {}, {}}));
}

TEST_CASE("where automata would be too large nothing is claimed") {
  PathSet large{{{}, {test::segments(), literal("/a")}, false}, {}, {}};
  for (int i = 0; i < 16; ++i) {
    large.pattern.atoms.push_back(literal("/"));
    large.pattern.atoms.push_back(test::run());
  }
  CHECK_FALSE(is_subset(large, tree({}, "")));
  CHECK(intersects(large, tree({}, "/b")));
}

TEST_CASE("a set intersects one of several when it intersects it alone") {
  test::PolicyGenerator random(11, 2);
  int none = 0;
  for (int i = 0; i < 60; ++i) {
    const PathSet set = random.set(2);
    const std::array<PathSet, 3> others = {random.set(2), random.set(2), random.set(2)};
    const std::array<const PathSet*, 3> all = {&others[0], &others[1], &others[2]};
    const bool expected =
        std::ranges::any_of(others, [&](const PathSet& other) { return intersects(set, other); });
    CHECK(Sets(all).intersect(set) == expected);
    none += expected ? 0 : 1;
  }
  CHECK(none > 0);
  CHECK_FALSE(Sets({}).intersect(tree({}, "/a")));
}

TEST_CASE("of many sets those are found that begin as one does, shorter and longer") {
  std::vector<PathSet> sets;
  for (int i = 0; i < 200; ++i) sets.push_back(tree({}, "/d/x" + std::to_string(i)));
  sets.push_back(tree({}, "/e"));
  sets.push_back(tree({}, "/f/g/h/i"));
  std::vector<const PathSet*> all;
  for (const PathSet& set : sets) all.push_back(&set);
  const Sets many(all);
  const auto ending = [](std::string directory, std::string end) {
    return PathSet{{{}, {literal(directory + '/'), test::run(), literal(end)}, false}, {}, {}};
  };
  CHECK(many.intersect(ending("/d", "199")));
  CHECK_FALSE(many.intersect(ending("/d", ".key")));
  CHECK(many.intersect(ending("/e/a/b", ".key")));
  CHECK_FALSE(many.intersect(ending("/ea/b", ".key")));
  CHECK(many.intersect(tree({}, "/f/g")));
  CHECK(many.intersect(tree({}, "/f/g/h/i/j")));
  CHECK_FALSE(many.intersect(tree({}, "/f/g/h/j")));
  CHECK(many.intersect(tree({}, "")));
}

TEST_CASE("nothing is claimed about sets that take too long to compile") {
  PathSet large = tree({}, "/a");
  large.pattern.atoms = {literal("/"), test::run(), literal("a")};
  for (int i = 0; i < 20; ++i) large.pattern.atoms.push_back({.kind = Atom::Kind::character});
  const PathSet apart = tree({}, "/x/y");
  CHECK(intersects(large, apart));
  const std::array<const PathSet*, 1> others = {&apart};
  CHECK(Sets(others).intersect(large));
  CHECK_FALSE(is_subset(large, tree({}, "")));
  CHECK_FALSE(is_empty(large));
}

}  // namespace
}  // namespace srt::glob
