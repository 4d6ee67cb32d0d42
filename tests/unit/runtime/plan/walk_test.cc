#include "runtime/plan/walk.h"

#include <doctest/doctest.h>

#include <set>

#include "runtime/plan/plan.h"
#include "runtime/plan/real_path.h"
#include "tests/support/naive_matcher.h"
#include "tests/support/patterns.h"
#include "tests/support/policy_bundle.h"
#include "tests/support/temp_tree.h"

// Random policies on random trees, against the naive reading of the rules.
namespace srt {
namespace {

// A random policy whose patterns all start from one of two anchors, so that no walk leaves the
// tree.
test::PolicyBundle random_policy(test::PolicyGenerator& random) {
  ir::Policy policy = random.policy(3 + random.below(6));
  for (ir::Rule& rule : policy.rules) {
    auto& paths = std::get<glob::PathSet>(rule.subject);
    paths.pattern.anchor = paths.pattern.anchor.value_or(0);
    rule.text = spell(policy, rule);
  }
  return test::PolicyBundle(std::move(policy));
}

// The paths of `names`, three levels of them, each a directory or, at the bottom and at times
// above, a file. Returns what is there, from the tree's root on.
std::vector<std::string> make_tree(const test::TempTree& tree, test::PolicyGenerator& random) {
  std::set<std::string> there = {tree.root()};
  for (const std::string& path : test::paths_over({"a", "b", "ab"}, 3)) {
    if (path.empty()) continue;
    const std::string above = tree.root() + path.substr(0, path.rfind('/'));
    if (!std::filesystem::is_directory(above) || random.one_in(4)) continue;
    const bool is_bottom = std::count(path.begin(), path.end(), '/') == 3;
    there.insert(is_bottom || random.one_in(5) ? tree.file(path.substr(1))
                                               : tree.directory(path.substr(1)));
  }
  return {there.begin(), there.end()};
}

Access naive_access(const ir::Policy& policy, const std::string& path,
                    const test::AnchorValues& anchors) {
  const auto allows = [&](Operation operation) {
    return test::decide(policy, operation, path, anchors) == Effect::allow;
  };
  return !allows(Operation::read)   ? Access::none
         : allows(Operation::write) ? Access::write
                                    : Access::read;
}

std::string described(const ir::Policy& policy) {
  std::string out = "default read " + std::string(to_string(policy.default_of(Operation::read)));
  for (const ir::Rule& rule : policy.rules) out += "; " + rule.text;
  return out;
}

// What the mounts come to for an object that is no link.
Access mounted_access(const MountPlan& plan, const std::string& path) {
  Access access = Access::none;
  for (const std::string_view above : test::prefixes(path)) {
    for (const Mount& mount : plan.mounts) {
      if (mount.path != (above.empty() ? "/" : above)) continue;
      const bool writable = mount.kind == Mount::Kind::read_write || mount.kind == Mount::Kind::pin;
      access = writable                               ? Access::write
               : mount.kind == Mount::Kind::read_only ? Access::read
                                                      : Access::none;
    }
  }
  return access;
}

void check_plan(const test::PolicyBundle& made, const std::vector<std::string>& there,
                const test::AnchorValues& anchors) {
  const auto allowed = std::find_if(there.begin(), there.end(), [&](const std::string& path) {
    return std::filesystem::is_directory(path) &&
           naive_access(made.policy, path, anchors) != Access::none;
  });
  if (allowed == there.end()) return;
  const MountPlan plan = make_mount_plan(made.bundle, anchors, *allowed).value();
  REQUIRE(plan.mounts[0].path == "/");
  std::set<std::string> mounted = {"/"};
  for (std::size_t i = 1; i < plan.mounts.size(); ++i) {
    const Mount& mount = plan.mounts[i];
    CHECK(mounted.insert(mount.path).second);
    CHECK(mount.directory == std::filesystem::is_directory(mount.path));
    // Parents come first: nothing that follows is above.
    for (std::size_t later = i + 1; later < plan.mounts.size(); ++later) {
      CHECK_FALSE(mount.path.starts_with(plan.mounts[later].path + '/'));
    }
    if (mount.kind == Mount::Kind::pin) continue;
    const std::string above = mount.path.substr(0, mount.path.rfind('/'));
    CHECK(mounted_access(plan, mount.path) != mounted_access(plan, above));
  }
  for (const std::string& path : there) {
    if (mounted_access(plan, path) == naive_access(made.policy, path, anchors)) continue;
    FAIL_CHECK(described(made.policy), ": ", path, " is mounted as ",
               to_string(mounted_access(plan, path)));
  }
}

TEST_CASE("without links every object has the access that the rules say, and mounts give it") {
  for (std::uint32_t seed = 0; seed < 150; ++seed) {
    test::PolicyGenerator random(seed, 2);
    const test::TempTree tree;
    const std::vector<std::string> there = make_tree(tree, random);
    const test::PolicyBundle made = random_policy(random);
    const test::AnchorValues anchors = {tree.root(), random.one_in(2) ? tree / "a" : tree / "b/a"};
    const Walk walk(made.bundle, anchors);
    for (const std::string& path : there) {
      if (walk.access(path).access == naive_access(made.policy, path, anchors)) continue;
      FAIL_CHECK(described(made.policy), ": ", path, " is ", to_string(walk.access(path).access));
    }
    check_plan(made, there, anchors);
  }
}

TEST_CASE("no link that the command could have made gives access to anything") {
  int gained = 0;
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    test::PolicyGenerator random(seed, 2);
    const test::TempTree tree;
    const std::vector<std::string> there = make_tree(tree, random);
    std::vector<std::string> links;
    for (int i = 0; i < 4; ++i) {
      const std::string from = there[random.below(there.size())];
      const std::string link = from + (random.one_in(2) ? "/a" : "/b");
      if (!std::filesystem::is_directory(from) || std::filesystem::exists(link)) continue;
      std::error_code taken;
      std::filesystem::create_symlink(there[random.below(there.size())], link, taken);
      if (!taken) links.push_back(link);
    }
    const test::PolicyBundle made = random_policy(random);
    const test::AnchorValues anchors = {tree.root(), tree / "a"};
    const Walk walk(made.bundle, anchors);
    // What some link leads to that stands where the command cannot write.
    std::vector<std::string> trusted;
    for (const std::string& link : links) {
      const auto real = real_path(link, [&](const std::string& directory) {
        return walk.access(directory).access != Access::write;
      });
      if (real && real->links_hold) trusted.push_back(real->path);
    }
    for (const std::string& path : there) {
      const bool more = walk.access(path).access > naive_access(made.policy, path, anchors);
      if (!more) continue;
      const bool may = std::any_of(trusted.begin(), trusted.end(), [&](const std::string& target) {
        return path == target || path.starts_with(target + '/');
      });
      gained += may ? 1 : 0;
      if (!may) FAIL_CHECK(described(made.policy), ": ", path, " gained access");
    }
  }
  CHECK(gained > 0);  // else no link was ever followed
}

TEST_CASE("a planted link grants nothing by a link behind it that stands where it is trusted") {
  const test::TempTree tree;
  const std::string secret = tree.file("secret/file");
  tree.file("store/x");
  tree.link("system/current", "../secret");
  tree.link("w/good", "../store");
  tree.link("w/sub/planted", tree / "system");
  // The grant of `./s*` is of the directory alone, so that what lies in it has no access.
  const test::PolicyBundle made(
      "default read deny\nallow write ./s*\n"
      "allow read ./good/x*, ./sub/*/current, ./sub/*/current/file");
  const std::vector<std::string> anchors = made.anchors(tree / "w");
  const Walk walk(made.bundle, anchors);
  CHECK(walk.access(tree / "store/x").access == Access::read);
  CHECK(walk.access(tree / "w/sub").access == Access::write);
  CHECK(walk.access(tree / "secret").access == Access::none);
  CHECK(walk.access(secret).access == Access::none);
}

TEST_CASE("a link in a directory that another link opens is not trusted, whichever comes first") {
  for (const char* opener : {"a", "z"}) {
    CAPTURE(opener);
    const test::TempTree tree;
    tree.file("victim/file");
    tree.link("w/d/out", tree / "victim");
    tree.link(std::string("w/") + opener, "d");
    const test::PolicyBundle made(std::string("allow write ./") + opener + ", ./d/out");
    const std::vector<std::string> anchors = made.anchors(tree / "w");
    const Walk walk(made.bundle, anchors);
    CHECK(walk.access(tree / "w/d").access == Access::write);
    CHECK(walk.access(tree / "victim").access == Access::read);
  }
}

TEST_CASE("names that rules speak of and that are not there are told with their rule") {
  const test::TempTree tree;
  tree.directory("w/a");
  const test::PolicyBundle made("allow write .\ndeny write ./a/x, ./b/y");
  const std::vector<std::string> anchors = made.anchors(tree / "w");
  const Walk walk(made.bundle, anchors);
  REQUIRE(walk.missing().contains(tree / "w/a/x"));
  CHECK(walk.missing().at(tree / "w/a/x") == 1);
}

TEST_CASE("an anchor that is nowhere stands in no path") {
  const test::TempTree tree;
  const test::PolicyBundle made("deny read ~/x");
  const std::vector<std::string> anchors = made.anchors(tree.root());
  const Walk walk(made.bundle, anchors);
  CHECK(walk.objects().empty());
  CHECK(walk.access("/x").access == Access::read);
}

}  // namespace
}  // namespace srt
