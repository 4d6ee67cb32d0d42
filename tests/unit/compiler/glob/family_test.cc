#include "compiler/glob/family.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include "tests/support/naive_matcher.h"
#include "tests/support/patterns.h"

// What is found among several sets, against all small paths in all arrangements of two anchors.
namespace srt::glob {
namespace {

using test::literal;

constexpr std::size_t kPlenty = 100'000'000;

const std::vector<AnchorDirectories>& arrangements() {
  static const std::vector<AnchorDirectories> all = [] {
    std::vector<AnchorDirectories> made;
    const std::vector<std::string> directories = test::paths_over({"a", "b", "ab"}, 2);
    for (const std::string& cwd : directories) {
      for (const std::string& home : directories) made.push_back({cwd, home});
    }
    made.push_back({"//", "/a"});
    return made;
  }();
  return all;
}

bool is_in(const std::vector<PathSet>& in, const std::vector<PathSet>& out, const std::string& path,
           const AnchorDirectories& directories) {
  const auto has = [&](const PathSet& set) { return test::matches(set, path, directories); };
  return std::all_of(in.begin(), in.end(), has) && std::none_of(out.begin(), out.end(), has);
}

bool some(const std::vector<PathSet>& in, const std::vector<PathSet>& out,
          const AnchorDirectories& directories) {
  static const std::vector<std::string> paths = test::paths_over({"a", "b", "ab"}, 4);
  return std::any_of(paths.begin(), paths.end(),
                     [&](const std::string& path) { return is_in(in, out, path, directories); });
}

// The directories that a witness names.
AnchorDirectories directories_of(const Witness& witness) {
  AnchorDirectories out(2, "//");
  for (const auto& [anchor, length] : witness.marks) out[anchor] = witness.path.substr(0, length);
  return out;
}

// Questions about random sets: two of `in`, up to three of `out`.
struct Question {
  std::vector<PathSet> in;
  std::vector<PathSet> out;

  explicit Question(test::PolicyGenerator& random) {
    for (std::size_t i = 0; i < 1 + random.below(2); ++i) in.push_back(random.set(2));
    for (std::size_t i = 0; i < random.below(4); ++i) {
      out.push_back(random.one_in(3) ? in[0] : random.set(2));
      if (random.one_in(2)) out.back().except.clear();
      out.back().pattern.subtree = true;
    }
  }

  std::vector<const PathSet*> all() const {
    std::vector<const PathSet*> sets;
    for (const PathSet& set : in) sets.push_back(&set);
    for (const PathSet& set : out) sets.push_back(&set);
    return sets;
  }
  std::vector<Family::Member> members(bool of_in) const {
    std::vector<Family::Member> out_members;
    const std::size_t begin = of_in ? 0 : in.size();
    const std::size_t end = of_in ? in.size() : in.size() + out.size();
    for (std::size_t i = begin; i < end; ++i) {
      out_members.push_back(static_cast<Family::Member>(i));
    }
    return out_members;
  }
};

TEST_CASE("in any arrangement a path is found when there is one, and it is one") {
  test::PolicyGenerator random(21, 2);
  int found_some = 0;
  int found_none = 0;
  for (int i = 0; i < 150; ++i) {
    const Question question(random);
    Family family(question.all(), 2, "", kPlenty);
    const Family::Found found = family.find(question.members(true), question.members(false));
    REQUIRE(found.answer != Family::Answer::unknown);
    if (found.answer == Family::Answer::found) {
      ++found_some;
      CHECK(is_in(question.in, question.out, found.witness.path, directories_of(found.witness)));
      continue;
    }
    ++found_none;
    const bool expected =
        std::any_of(arrangements().begin(), arrangements().end(),
                    [&](const auto& at) { return some(question.in, question.out, at); });
    CHECK_FALSE(expected);
    // What is said to leave nothing over does so by itself.
    CHECK(family.find(question.members(true), found.blockers).answer == Family::Answer::none);
  }
  CHECK(found_some > 30);
  CHECK(found_none > 10);
}

TEST_CASE("with directories given a path is found when there is one for them") {
  test::PolicyGenerator random(22, 2);
  int found_some = 0;
  int found_none = 0;
  for (int i = 0; i < 60; ++i) {
    const Question question(random);
    Family family(question.all(), 2, "/ab", kPlenty);
    for (const AnchorDirectories& at : arrangements()) {
      const Family::Found found = family.find(question.members(true), question.members(false), &at);
      REQUIRE(found.answer != Family::Answer::unknown);
      const bool is_found = found.answer == Family::Answer::found;
      (is_found ? found_some : found_none) += 1;
      if (is_found) {
        CHECK(is_in(question.in, question.out, found.witness.path, at));
        for (const Family::Member member : question.members(true)) {
          CHECK(family.contains(member, found.witness) == true);
        }
      } else {
        CHECK_FALSE(some(question.in, question.out, at));
      }
    }
  }
  CHECK(found_some > 200);
  CHECK(found_none > 100);
}

PathSet tree(std::optional<AnchorId> anchor, const std::string& bytes) {
  PathSet set{{anchor, {}, true}, {}, {}};
  if (!bytes.empty()) set.pattern.atoms.push_back(literal(bytes));
  return set;
}

TEST_CASE("several sets cover one that none of them covers") {
  const std::array<PathSet, 4> sets = {tree({}, "/x"),
                                       tree({}, "/x/y"),
                                       {{{}, {literal("/x")}, false}, {}, {}},
                                       {{{}, {literal("/x/"), test::run()}, true}, {}, {}}};
  Family family({&sets[0], &sets[1], &sets[2], &sets[3]}, 0, "", kPlenty);
  const std::array<Family::Member, 1> in = {0};
  const std::array<Family::Member, 3> out = {1, 2, 3};
  const Family::Found found = family.find(in, out);
  CHECK(found.answer == Family::Answer::none);
  CHECK(found.blockers.size() == 2);
}

TEST_CASE("a directory whose name begins like another's is another") {
  const std::array<PathSet, 2> sets = {tree({}, "/ab"), tree(0, "")};
  Family family({&sets[0], &sets[1]}, 1, "/ab", kPlenty);
  const std::array<Family::Member, 1> in = {0};
  const std::array<Family::Member, 1> out = {1};
  const AnchorDirectories at = {"/a"};
  CHECK(family.find(in, out, &at).witness.path == "/ab");
  const std::array<Family::Member, 2> both = {0, 1};
  CHECK(family.find(both, {}, &at).answer == Family::Answer::none);
}

TEST_CASE("a budget that is used up claims nothing") {
  const std::array<PathSet, 2> sets = {tree({}, "/x"), tree(0, "/a")};
  Family family({&sets[0], &sets[1]}, 1, "", 10);
  const std::array<Family::Member, 2> in = {0, 1};
  CHECK(family.find(in, {}).answer == Family::Answer::unknown);
  CHECK(family.is_exhausted());
}

}  // namespace
}  // namespace srt::glob
