#include "runtime/launch/mask_watcher.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/temp_tree.h"

namespace srt {
namespace {

using Kind = Mount::Kind;

// A plan over a tree of files, and what the watcher tells of it.
class Watched {
 public:
  Watched() {
    tree.file("w/secret");
    tree.file("w/private/key");
    tree.file("w/open/kept/config");
    mounts_ = {{Kind::read_only, "/", true},
               {Kind::read_write, tree / "w", true},
               {Kind::hidden_file, tree / "w/secret", false},
               {Kind::hidden_directory, tree / "w/private", true},
               {Kind::read_write, tree / "w/open", true},
               {Kind::pin, tree / "w/open/kept", true},
               {Kind::read_only, tree / "w/open/kept/config", false}};
    std::vector<const Mount*> all;
    for (const Mount& mount : mounts_) all.push_back(&mount);
    Result<MaskWatcher> watcher = MaskWatcher::start(std::move(all));
    REQUIRE(watcher);
    watcher_ = *std::move(watcher);
  }

  // Puts a new file or directory in the place of another one, as an atomic save does.
  void replace(const std::string& name) const {
    const bool directory = std::filesystem::is_directory(tree / name);
    const std::string next = directory ? tree.directory("next") : tree.file("next");
    if (directory) std::filesystem::rename(tree / name, tree / (name + ".old"));
    std::filesystem::rename(next, tree / name);
  }

  // Relative to the tree.
  std::vector<std::string> replaced() {
    const Result<std::vector<const Mount*>> found = watcher_->replaced();
    REQUIRE(found);
    std::vector<std::string> names;
    for (const Mount* mount : *found) names.push_back(mount->path.substr(tree.root().size() + 1));
    return names;
  }

  test::TempTree tree;

 private:
  std::vector<Mount> mounts_;
  std::optional<MaskWatcher> watcher_;
};

using Names = std::vector<std::string>;

TEST_CASE("another object in the place of one that a mount covers is told once") {
  Watched watched;
  CHECK(watched.replaced().empty());
  watched.replace("w/secret");
  CHECK(watched.replaced() == Names{"w/secret"});
  CHECK(watched.replaced().empty());
  watched.replace("w/private");
  watched.replace("w/secret");
  CHECK(watched.replaced() == Names{"w/secret", "w/private"});
  std::filesystem::remove(watched.tree / "w/secret");
  CHECK(watched.replaced().empty());
  watched.tree.directory("w/secret");
  CHECK(watched.replaced() == Names{"w/secret"});
}

TEST_CASE("what else happens beside and in them is not") {
  Watched watched;
  watched.tree.file("w/other");
  watched.tree.file("w/secret.old");
  watched.tree.file("w/secret", "written in place");
  watched.replace("w/other");
  CHECK(watched.replaced().empty());
}

TEST_CASE("with a directory what lies in it is told, and watched where it is now") {
  Watched watched;
  watched.replace("w/open/kept");
  CHECK(watched.replaced() == Names{"w/open/kept", "w/open/kept/config"});
  watched.tree.file("w/open/kept/config");
  CHECK(watched.replaced() == Names{"w/open/kept/config"});
  // A writable directory is as the host left it, but not what lay in it.
  watched.replace("w/open");
  CHECK(watched.replaced() == Names{"w/open/kept", "w/open/kept/config"});
}

TEST_CASE("after more changes than the kernel keeps everything is told") {
  Watched watched;
  // The limit of a queue is fs.inotify.max_queued_events; equal events that follow one another are
  // one.
  std::size_t limit = 0;
  std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> limit;
  REQUIRE(limit > 0);
  if (limit > 100'000) {
    MESSAGE("skipped: this machine keeps more changes than a test can make");
    return;
  }
  const std::string one = watched.tree.file("w/one");
  const std::string two = watched.tree / "w/two";
  for (std::size_t i = 0; i <= limit / 2 + 1; ++i) {
    std::filesystem::rename(one, two);
    std::filesystem::rename(two, one);
  }
  CHECK(watched.replaced() == Names{"w/secret", "w/private", "w/open/kept", "w/open/kept/config"});
}

}  // namespace
}  // namespace srt
