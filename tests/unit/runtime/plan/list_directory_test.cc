#include "runtime/plan/list_directory.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <map>

#include "tests/support/temp_tree.h"

namespace srt {
namespace {

using Entries = std::map<std::string, EntryType>;

Entries list(const std::string& path) {
  Entries entries;
  const int error = list_directory(path, [&](std::string_view name, EntryType type) {
    CHECK(entries.emplace(name, type).second);
  });
  CHECK(error == 0);
  return entries;
}

TEST_CASE("every entry is told once with what it is, whatever its name") {
  const test::TempTree tree;
  tree.directory("d/directory");
  tree.file("d/file");
  tree.file("d/.hidden");
  tree.file("d/\xFF\x01\n*");
  tree.link("d/link", "directory");
  REQUIRE(mkfifo((tree / "d/fifo").c_str(), 0600) == 0);
  CHECK(list(tree / "d") == Entries{{"directory", EntryType::directory},
                                    {"file", EntryType::other},
                                    {".hidden", EntryType::other},
                                    {"\xFF\x01\n*", EntryType::other},
                                    {"link", EntryType::link},
                                    {"fifo", EntryType::other}});
  CHECK(list(tree / "d/directory").empty());
}

TEST_CASE("directories larger than a buffer are listed whole") {
  const test::TempTree tree;
  tree.directory("d");
  constexpr int kFiles = 1000;
  const std::string filler(240, 'x');
  for (int i = 0; i < kFiles; ++i) tree.file("d/" + filler + std::to_string(i), "");
  CHECK(list(tree / "d").size() == kFiles);
}

TEST_CASE("what cannot be listed says why") {
  const test::TempTree tree;
  const auto error = [](const std::string& path) {
    return list_directory(path, [](std::string_view, EntryType) { FAIL_CHECK("an entry"); });
  };
  CHECK(error(tree / "none") == ENOENT);
  CHECK(error(tree.file("file")) == ENOTDIR);
  REQUIRE(mkfifo((tree / "fifo").c_str(), 0600) == 0);
  CHECK(error(tree / "fifo") == ENOTDIR);  // and nobody waits for a writer
}

}  // namespace
}  // namespace srt
