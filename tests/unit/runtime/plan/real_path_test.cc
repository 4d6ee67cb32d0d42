#include "runtime/plan/real_path.h"

#include <doctest/doctest.h>

#include "tests/support/temp_tree.h"

namespace srt {
namespace {

std::optional<RealPath> resolve(const std::string& path) {
  return real_path(path, [](const std::string&) { return true; });
}

TEST_CASE("paths without links come out canonical") {
  const test::TempTree tree;
  const std::string file = tree.file("a/b");
  const auto real = resolve(tree / "a/./../a//b");
  REQUIRE(real);
  CHECK(real->path == file);
  CHECK_FALSE(real->directory);
  CHECK(resolve("/")->path.empty());
  CHECK(resolve("/../..")->path.empty());
  CHECK(resolve(tree / "a/")->directory);
}

TEST_CASE("links are followed wherever they stand, `..` behind them from where they lead") {
  const test::TempTree tree;
  const std::string file = tree.file("deep/er/file");
  tree.link("absolute", tree / "deep/er");
  tree.link("relative", "deep/er");
  tree.link("deep/chain", "../relative/file");
  CHECK(resolve(tree / "absolute/file")->path == file);
  CHECK(resolve(tree / "relative/file")->path == file);
  CHECK(resolve(tree / "deep/chain")->path == file);
  CHECK(resolve(tree / "relative/..")->path == tree / "deep");
}

TEST_CASE("a path is followed from a directory, whose own links are not looked at again") {
  const test::TempTree tree;
  const std::string file = tree.file("a/file");
  tree.link("a/up", "../b");
  tree.link("a/root", "/");
  tree.directory("b/c");
  const auto from = [&](const std::string& path) {
    return real_path(tree / "a", path, [](const std::string&) { return true; });
  };
  CHECK(from("file")->path == file);
  CHECK(from("up/c")->path == tree / "b/c");
  CHECK(from("root")->path.empty());
  CHECK(from("..")->path == tree.root());
  CHECK_FALSE(from("none"));
}

TEST_CASE("what leads nowhere has no real path") {
  const test::TempTree tree;
  tree.file("file");
  tree.link("self", "self");
  tree.link("ping", "pong");
  tree.link("pong", "ping");
  tree.link("dangling", "none");
  for (const char* path : {"none", "file/x", "file/..", "self", "ping", "dangling", "dangling/x"}) {
    CAPTURE(path);
    CHECK_FALSE(resolve(tree / path));
  }
}

TEST_CASE("as many links are followed as the kernel follows") {
  const test::TempTree tree;
  tree.file("0");
  for (int i = 1; i <= 41; ++i) tree.link(std::to_string(i), std::to_string(i - 1));
  CHECK(resolve(tree / "40"));
  CHECK_FALSE(resolve(tree / "41"));
}

TEST_CASE("links hold where every directory with one is trusted") {
  const test::TempTree tree;
  tree.file("target/file");
  tree.link("safe/link", "../open/link");
  tree.link("open/link", "../target");
  const auto holds = [&](const std::string& path, const std::string& untrusted) {
    const auto real = real_path(
        path, [&](const std::string& directory) { return directory != tree / untrusted; });
    REQUIRE(real);
    return real->links_hold;
  };
  CHECK(holds(tree / "safe/link/file", "none"));
  CHECK_FALSE(holds(tree / "safe/link/file", "open"));
  CHECK_FALSE(holds(tree / "safe/link/file", "safe"));
  CHECK(holds(tree / "open/link", "safe"));
  CHECK(holds(tree / "target/file", "target"));  // no link is in it
}

}  // namespace
}  // namespace srt
