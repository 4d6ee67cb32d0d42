#include "runtime/caller/places.h"

#include <doctest/doctest.h>

#include "tests/support/policy_bundle.h"
#include "tests/support/temp_tree.h"

namespace srt {
namespace {

struct Case {
  Case() {
    caller.working_directory = tree.directory("w");
    caller.environment = {{"HOME", tree.directory("home")}};
    caller.program_directory = tree.directory("programs");
  }

  Result<Places> places(const std::string& policy,
                        const std::vector<std::pair<std::string, std::string>>& overrides = {},
                        const std::string& bundle_file = "") const {
    return find_places(test::PolicyBundle(policy).bundle, caller, bundle_file, overrides);
  }

  test::TempTree tree;
  Caller caller;
};

TEST_CASE("compiled policies are kept in the caller's cache directory") {
  Caller caller;
  CHECK_FALSE(cache_directory(caller));
  caller.passwd_home = "/passwd";
  CHECK(cache_directory(caller) == "/passwd/.cache/srt");
  caller.environment = {{"HOME", "/home/me"}};
  CHECK(cache_directory(caller) == "/home/me/.cache/srt");
  caller.environment.emplace_back("XDG_CACHE_HOME", "/cache");
  CHECK(cache_directory(caller) == "/cache/srt");
  caller.environment.back().second = "relative";  // to be ignored
  CHECK(cache_directory(caller) == "/home/me/.cache/srt");
  caller.environment = {{"HOME", "relative"}};
  CHECK_FALSE(cache_directory(caller));
}

TEST_CASE("a path is real as far as it exists") {
  const test::TempTree tree;
  tree.directory("dir");
  tree.link("link", "dir");
  CHECK(real_as_far_as_it_exists(tree / "link/x/y") == tree / "dir/x/y");
  CHECK(real_as_far_as_it_exists(tree / "link") == tree / "dir");
  CHECK(real_as_far_as_it_exists("/").empty());
  CHECK(real_as_far_as_it_exists("/none-such/x") == "/none-such/x");
}

TEST_CASE("this process is a caller") {
  const Result<Caller> caller = this_caller();
  REQUIRE(caller);
  CHECK(caller->working_directory == std::filesystem::current_path().string());
  CHECK(caller->program_directory ==
        std::filesystem::read_symlink("/proc/self/exe").parent_path().string());
  CHECK(caller->variable("PATH") == std::string(getenv("PATH")));
  CHECK_FALSE(caller->variable("SRT_TEST_NONE_SUCH"));
}

TEST_CASE("anchors follow links, overrides and the bundle's place") {
  const Case c;
  c.tree.directory("real/sub");
  c.tree.link("linked", "real");
  const Places places =
      c.places("param p = /none\nallow read ${p}/a, ./b\ndeny write ${srt.bundle}",
               {{"p", c.tree / "linked/sub"}}, "policy.srtb")
          .value();
  const auto has = [&](const std::string& path) {
    return std::find(places.anchors.begin(), places.anchors.end(), path) != places.anchors.end();
  };
  CHECK(has(c.tree / "real/sub"));
  CHECK(has(c.tree / "w"));
  CHECK(has(c.tree / "w/policy.srtb"));
  CHECK_FALSE(c.places("allow read .", {{"q", "/x"}}));
}

TEST_CASE("the command's temporary directory is one that it may write, else a private one") {
  Case c;
  const std::string tmp = c.tree.directory("w/tmp");
  c.caller.environment.emplace_back("TMPDIR", tmp);
  const Places shared = c.places("allow write .").value();
  CHECK(shared.tmp == tmp);
  CHECK_FALSE(shared.tmp_is_private);

  const Places elsewhere = c.places("allow write ./other, ${tmp}").value();
  CHECK(elsewhere.tmp == kPrivateTmp);
  CHECK(elsewhere.tmp_is_private);

  const Places host = c.places("allow write /tmp").value();
  CHECK(host.tmp == tmp);  // it is beneath /tmp
  c.caller.environment.back().second = c.tree / "none";
  CHECK(c.places("allow write /tmp").value().tmp == "/tmp");
  c.caller.environment.back().second = "relative";
  CHECK(c.places("allow write /tmp").value().tmp == "/tmp");
  c.caller.environment.back().second = c.tree.file("w/file");
  CHECK(c.places("allow write .").value().tmp == kPrivateTmp);
}

TEST_CASE("the policy's own places for temporary files come first") {
  Case c;
  test::PolicyBundle made("allow write .");
  const std::string first = c.tree.directory("w/first");
  made.bundle.tmp_candidates = {{"NONE_SUCH", {}}, {{}, c.tree / "denied"}, {"FIRST", {}}};
  c.tree.directory("denied");
  c.caller.environment.emplace_back("FIRST", first);
  c.caller.environment.emplace_back("TMPDIR", c.tree.directory("w/second"));
  CHECK(find_places(made.bundle, c.caller, "", {})->tmp == first);
}

TEST_CASE("a parameter that leads through a link that the command can change is refused") {
  const Case c;
  c.tree.directory("victim");
  const std::string planted = c.tree.link("w/out", c.tree / "victim");
  const std::string policy = "param p = /none\nallow write ${p}, .";
  const Result<Places> places = c.places(policy, {{"p", planted}});
  REQUIRE_FALSE(places);
  CHECK(places.error().message ==
        "`" + planted + "` leads through a symbolic link that the command can change");

  const std::string own = c.tree.link("own", "victim");
  CHECK(c.places(policy, {{"p", own}}));
}

}  // namespace
}  // namespace srt
