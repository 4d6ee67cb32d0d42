#include "runtime/stage/guard/judge.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/plan/encode_guard.h"
#include "runtime/plan/plan.h"
#include "runtime/plan/walk.h"
#include "tests/support/naive_matcher.h"
#include "tests/support/patterns.h"
#include "tests/support/policy_bundle.h"
#include "tests/support/temp_tree.h"

namespace srt {
namespace {

/// A judge of a bundle, its memory exactly as large as it says that it needs.
class Judging {
 public:
  Judging(const Bundle& bundle, const std::vector<std::string>& anchors,
          const NameGuard& guard = {})
      : encoded_(encode_guard(bundle, anchors, guard)),
        table_room_(std::make_unique<std::byte[]>(guard::table_room(encoded_))),
        table_(guard::decode_table(encoded_, {table_room_.get(), guard::table_room(encoded_)})) {
    REQUIRE(table_);
    room_ = std::make_unique<std::byte[]>(guard::Judge::room(*table_));
    judge_ = std::make_unique<guard::Judge>(*table_,
                                            std::span(room_.get(), guard::Judge::room(*table_)));
  }

  guard::Judgement of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return judge_->entry(path.substr(0, slash), path.substr(slash + 1));
  }

 private:
  std::vector<std::byte> encoded_;
  std::unique_ptr<std::byte[]> table_room_;
  std::optional<guard::Table> table_;
  std::unique_ptr<std::byte[]> room_;
  std::unique_ptr<guard::Judge> judge_;
};

/// Whether a deny, and no default, decides.
bool is_denied(const Bundle& bundle, const PathTable::Verdict& verdict) {
  const auto denies = [&](std::uint32_t rule) {
    return rule != PathTable::kNoRule && bundle.rules[rule].effect == Effect::deny;
  };
  return denies(verdict.read_rule) || denies(verdict.write_rule);
}

TEST_CASE("a name is denied exactly where a deny decides about it") {
  const std::vector<std::string> paths = test::paths_over({"a", "b", "ab"}, 4);
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    CAPTURE(seed);
    test::PolicyGenerator random(seed, 2);
    ir::Policy policy = random.policy(3 + random.below(6));
    for (ir::Rule& rule : policy.rules) rule.existing = false;
    const test::PolicyBundle made(std::move(policy));
    const std::vector<std::string> anchors = {"/a", random.one_in(2) ? "/a/b" : "/b"};
    Judging judging(made.bundle, anchors);
    for (const std::string& path : paths) {
      if (path.empty()) continue;
      const guard::Judgement judgement = judging.of(path);
      CAPTURE(path);
      const PathTable& table = made.bundle.paths;
      const PathTable::Verdict verdict = table.verdict(table.find(path, anchors));
      REQUIRE(judgement.is_denied() == is_denied(made.bundle, verdict));
      if (judgement.may_deny_beneath) continue;
      for (const std::string& other : paths) {
        if (!other.starts_with(path + '/')) continue;
        // Where nothing can be denied beneath, nothing is, but by the rule that denies all.
        REQUIRE((!judging.of(other).is_denied() || judgement.is_denied()));
      }
    }
  }
}

TEST_CASE("a launch guards wherever something denied could be made") {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    test::PolicyGenerator random(seed, 2);
    const test::TempTree tree;
    for (const char* directory : {"a", "a/b", "b"}) {
      if (!random.one_in(3) && std::filesystem::exists((tree / directory) + "/..")) {
        tree.directory(directory);
      }
    }
    ir::Policy policy = random.policy(3 + random.below(6));
    for (ir::Rule& rule : policy.rules) {
      auto& set = std::get<glob::PathSet>(rule.subject);
      set.pattern.anchor = set.pattern.anchor.value_or(0);
    }
    const test::PolicyBundle made(std::move(policy));
    const std::vector<std::string> anchors = {tree.root(), tree / "a"};
    const Result<MountPlan> plan = make_mount_plan(made.bundle, anchors, "/dev");
    REQUIRE(plan);
    Judging judging(made.bundle, anchors, plan->guard);
    for (const std::string& tail : test::paths_over({"a", "b", "ab"}, 4)) {
      if (tail.empty()) continue;
      const std::string path = tree.root() + tail;
      const std::string above = path.substr(0, path.rfind('/'));
      if (std::filesystem::exists(path) || !std::filesystem::is_directory(above)) continue;
      CAPTURE(path);
      if (lets_write(*plan, above) && judging.of(path).is_denied()) REQUIRE(plan->guard.is_needed);
    }
  }
}

// The launch asks the walk about what is there, the guard asks the judge about what comes.
TEST_CASE("where links give objects other names, the judge says what the walk says") {
  const std::vector<std::string> tails = test::paths_over({"a", "b", "ab"}, 4);
  const std::vector<std::string> near = test::paths_over({"a", "b", "ab"}, 2);
  std::size_t by_link = 0;
  for (std::uint32_t seed = 0; seed < 500; ++seed) {
    test::PolicyGenerator random(seed, 2);
    const test::TempTree tree;
    for (const char* directory : {"a", "a/a", "a/b", "b", "b/a", "b/ab", "ab"}) {
      if (!random.one_in(4)) tree.directory(directory);
    }
    for (int i = 0; i < 6; ++i) {
      const std::string link = near[1 + random.below(near.size() - 1)];
      std::error_code none;
      const std::string in = tree.root() + link.substr(0, link.rfind('/'));
      struct stat info;
      if (std::filesystem::canonical(in, none) != in ||
          lstat((tree.root() + link).c_str(), &info) == 0) {
        continue;
      }
      tree.link(link.substr(1), tree.root() + near[1 + random.below(near.size() - 1)]);
    }
    ir::Policy policy = random.policy(3 + random.below(6));
    for (ir::Rule& rule : policy.rules) {
      auto& set = std::get<glob::PathSet>(rule.subject);
      set.pattern.anchor = set.pattern.anchor.value_or(0);
      rule.existing = false;
      rule.text = spell(policy, rule);
    }
    const test::PolicyBundle made(std::move(policy));
    const std::vector<std::string> anchors = {tree.root(), tree / "a"};
    const Walk walk(made.bundle, anchors);
    Judging judging(made.bundle, anchors,
                    {.is_needed = true, .aliases = walk.aliases(), .links = {}});
    for (const std::string& tail : tails) {
      const std::string path = tree.root() + tail;
      const std::string above = path.substr(0, path.rfind('/'));
      std::error_code none;
      if (tail.empty() || std::filesystem::canonical(above, none) != above) continue;
      CAPTURE(seed);
      CAPTURE(path);
      const PathTable& table = made.bundle.paths;
      const bool is_denied_here = judging.of(path).is_denied();
      REQUIRE(is_denied_here == is_denied(made.bundle, walk.access(path)));
      if (is_denied_here != is_denied(made.bundle, table.verdict(table.find(path, anchors)))) {
        ++by_link;
      }
    }
  }
  CHECK(by_link > 50);  // else no link meant anything
}

TEST_CASE("rules of existing names are left out, links at denied names are not") {
  const test::PolicyBundle made("allow write /w\ndeny write /w/x existing\ndeny write /w/y\n");
  Judging judging(made.bundle, {}, {.is_needed = true, .aliases = {}, .links = {{"/w/d/l", 1}}});
  CHECK_FALSE(judging.of("/w/x").is_denied());
  CHECK(judging.of("/w/y").is_denied());
  CHECK(judging.of("/w/y/z").is_denied());
  CHECK(judging.of("/w/d/l").rule == 1);
  CHECK(judging.of("/w/d").may_deny_beneath);
  CHECK_FALSE(judging.of("/w/d").is_denied());
  CHECK_FALSE(judging.of("/w/e").may_deny_beneath);
}

TEST_CASE("what a rule spells on the way to denied names is told from what it does not") {
  const test::PolicyBundle made("allow write /w\ndeny write /w/a/b, /w/**/c/d, /w/**/end\n");
  Judging judging(made.bundle, {});
  for (const char* path : {"/w/a", "/w/x/c", "/w/a/b", "/w/end"}) {
    CHECK_MESSAGE(judging.of(path).on_the_way != guard::kNoRule, path);
  }
  for (const char* path : {"/w/x", "/w/b", "/w/x/a", "/w/x/d", "/w/x/y", "/w/e", "/w/en"}) {
    CHECK_MESSAGE(judging.of(path).on_the_way == guard::kNoRule, path);
  }
}

TEST_CASE("a deny by a link's name holds where the link leads") {
  const test::TempTree tree;
  tree.directory("real");
  std::filesystem::create_symlink(tree / "real", tree / "link");
  const test::PolicyBundle made("allow write .\ndeny write ./link/**/x\n");
  const std::vector<std::string> anchors = made.anchors(tree.root());
  const MountPlan plan = make_mount_plan(made.bundle, anchors, tree.root()).value();
  CHECK(plan.guard.is_needed);
  Judging judging(made.bundle, anchors, plan.guard);
  CHECK(judging.of(tree / "real/x").is_denied());
  CHECK(judging.of(tree / "real/d/x").is_denied());
  CHECK_FALSE(judging.of(tree / "real/y").is_denied());
  CHECK_FALSE(judging.of(tree / "d/x").is_denied());
}

TEST_CASE("a grant by a link's name holds where the link leads, unless the name lost it") {
  const test::TempTree tree;
  tree.directory("store");
  tree.directory("in");
  std::filesystem::create_symlink(tree / "store", tree / "in/out");
  const std::string rules = "allow write ./store\ndeny write ./store/x\nallow write ./in/out\n";
  const auto is_denied = [&](const std::string& last) {
    const test::PolicyBundle made(rules + last);
    const std::vector<std::string> anchors = made.anchors(tree.root());
    const MountPlan plan = make_mount_plan(made.bundle, anchors, tree.root()).value();
    return Judging(made.bundle, anchors, plan.guard).of(tree / "store/x").is_denied();
  };
  CHECK_FALSE(is_denied(""));
  CHECK(is_denied("deny write ./in\n"));
  CHECK(is_denied("deny read ./in\n"));
}

TEST_CASE("a damaged table is refused") {
  const test::PolicyBundle made("allow write /w\ndeny write /w/y\n");
  const std::vector<std::byte> whole = encode_guard(made.bundle, {}, {});
  std::vector<std::byte> room(guard::table_room(whole));
  REQUIRE(guard::decode_table(whole, room));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::span cut(whole.data(), size);
    CHECK_FALSE(guard::decode_table(cut, room));
  }
}

}  // namespace
}  // namespace srt
