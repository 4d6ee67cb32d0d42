#include "runtime/plan/next_names.h"

#include <doctest/doctest.h>

#include "tests/support/policy_bundle.h"

namespace srt {
namespace {

using Names = std::vector<std::string>;

// The names in `directory` that the only lane of the policy tells apart.
std::optional<Names> names(const std::string& policy, const std::string& directory) {
  const test::PolicyBundle made(policy);
  const PathTable& table = made.bundle.paths;
  REQUIRE(table.lanes.size() == 1);
  return next_names(table, table.lanes[0], table.find(directory, made.anchors("/w"))[0]);
}

TEST_CASE("the names on the way to a rule are found without listing") {
  const std::string policy = "deny read /a/b/c, /a/d, /e";
  CHECK(names(policy, "") == Names{"a", "e"});
  CHECK(names(policy, "/a") == Names{"b", "d"});
  CHECK(names(policy, "/a/b") == Names{"c"});
  CHECK(names(policy, "/a/b/c") == Names{});
  CHECK(names(policy, "/x") == Names{});
}

TEST_CASE("after a wildcard no names are few") {
  CHECK_FALSE(names("deny read /a/*.key", "/a"));
  CHECK_FALSE(names("deny read /**/key", "/a"));
  CHECK(names("deny read /a/*.key", "") == Names{"a"});
  CHECK(names("deny read /a/k[ab]", "/a") == Names{"ka", "kb"});
}

TEST_CASE("names of any bytes are found whole") {
  CHECK(names("deny read \"/\\xff\\x01 x\"", "") == Names{"\xFF\x01 x"});
  CHECK(names("deny read /\\*\\[a\\]", "") == Names{"*[a]"});
}

TEST_CASE("a name as long as names can be is found, a longer one is not looked for for ever") {
  const std::string longest(255, 'n');
  CHECK(names("deny read /" + longest, "") == Names{longest});
  CHECK_FALSE(names("deny read /" + longest + "nn", ""));
}

TEST_CASE("a state is notable when something can differ there or beneath") {
  const test::PolicyBundle made("deny read /a/b");
  const PathTable& table = made.bundle.paths;
  const auto state = [&](const std::string& path) { return table.find(path, {})[0]; };
  const PathTable::Lane& lane = table.lanes[0];
  CHECK(is_notable(table, lane, state(""), state("/a")));
  CHECK(is_notable(table, lane, state("/a"), state("/a/b")));
  CHECK_FALSE(is_notable(table, lane, state("/a"), state("/a/c")));
  CHECK_FALSE(is_notable(table, lane, state("/a/b"), state("/a/b/c")));
}

}  // namespace
}  // namespace srt
