#include "runtime/base/file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "runtime/base/unique_fd.h"
#include "tests/support/temp_tree.h"

namespace srt {
namespace {

std::size_t entries(const std::string& directory) {
  const std::filesystem::directory_iterator all(directory);
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

mode_t mode_of(const std::string& path) {
  struct stat info = {};
  REQUIRE(stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

TEST_CASE("a file is read whole up to the limit, and refused beyond it") {
  const test::TempTree tree;
  const std::string content("a\0b\n", 4);
  const std::string path = tree.file("file", content);
  CHECK(read_file(path, 4).value() == content);
  CHECK(read_file(path, 1000).value() == content);
  const Result<std::string> large = read_file(path, 3);
  REQUIRE_FALSE(large);
  CHECK(large.error().message == "`" + path + "` has more than 3 bytes");
  CHECK(read_file(tree.file("empty", ""), 0)->empty());
}

TEST_CASE("what has no size beforehand is read to its end or to the limit") {
  CHECK(read_file("/proc/self/status", 1 << 20)->starts_with("Name:"));
  CHECK_FALSE(read_file("/dev/zero", 100'000));
}

TEST_CASE("a file that cannot be read is named") {
  const test::TempTree tree;
  const Result<std::string> none = read_file(tree / "none", 10);
  REQUIRE_FALSE(none);
  CHECK(none.error().message == "cannot read `" + tree / "none" + "`: No such file or directory");
  CHECK_FALSE(read_file(tree.root(), 10));
}

TEST_CASE("nothing is seen of a staged file before it is committed, nor left of it without") {
  const test::TempTree tree;
  const std::string path = tree.file("file", "old");
  {
    const Result<StagedFile> staged = StagedFile::write(path, "new");
    REQUIRE(staged);
    CHECK(tree.content("file") == "old");
    CHECK(entries(tree.root()) == 2);
  }
  CHECK(entries(tree.root()) == 1);
  CHECK(tree.content("file") == "old");

  Result<StagedFile> staged = StagedFile::write(path, "new");
  REQUIRE(staged->commit());
  CHECK(tree.content("file") == "new");
  CHECK(entries(tree.root()) == 1);
}

TEST_CASE("a reader sees the old content or the new, never a part") {
  const test::TempTree tree;
  const std::string path = tree.file("file", std::string(1 << 16, 'a'));
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (const char c : {'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'}) {
      Result<StagedFile> staged = StagedFile::write(path, std::string(1 << 16, c));
      if (staged) (void)staged->commit();
    }
    done = true;
  });
  while (!done) {
    const std::string seen = tree.content("file");
    CHECK(seen.size() == 1 << 16);
    if (seen.empty()) continue;
    CHECK(seen.find_first_not_of(seen[0]) == std::string::npos);
  }
  writer.join();
  CHECK(tree.content("file")[0] == 'i');
}

TEST_CASE("modes follow the umask") {
  const test::TempTree tree;
  const mode_t before = umask(027);
  REQUIRE(StagedFile::write(tree / "file", "x")->commit());
  umask(before);
  CHECK(mode_of(tree / "file") == 0640);
}

TEST_CASE("a link stays a link, and what it leads to is replaced") {
  const test::TempTree tree;
  tree.file("dir/target", "old");
  const std::string link = tree.link("link", "dir/target");
  REQUIRE(StagedFile::write(link, "new")->commit());
  CHECK(std::filesystem::is_symlink(link));
  CHECK(tree.content("dir/target") == "new");
  CHECK(entries(tree / "dir") == 1);
}

TEST_CASE("devices and pipes are written to, not replaced") {
  REQUIRE(StagedFile::write("/dev/null", "x")->commit());
  struct stat info = {};
  REQUIRE(stat("/dev/null", &info) == 0);
  CHECK(S_ISCHR(info.st_mode));

  const test::TempTree tree;
  const std::string pipe = tree / "pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  const UniqueFd reader(open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  REQUIRE(StagedFile::write(pipe, "through")->commit());
  std::string read(16, '\0');
  read.resize(static_cast<std::size_t>(::read(reader.get(), read.data(), read.size())));
  CHECK(read == "through");
}

TEST_CASE("a full device is an error of the commit") {
  Result<StagedFile> staged = StagedFile::write("/dev/full", "x");
  REQUIRE(staged);
  const Status status = staged->commit();
  REQUIRE_FALSE(status);
  CHECK(status.error().message == "cannot write `/dev/full`: No space left on device");
}

TEST_CASE("a directory that is not there, or is the target, is an error") {
  const test::TempTree tree;
  CHECK_FALSE(StagedFile::write(tree / "none/file", "x"));
  tree.directory("dir");
  Result<StagedFile> staged = StagedFile::write(tree / "dir", "x");
  CHECK((!staged || !staged->commit()));
  CHECK(std::filesystem::is_directory(tree / "dir"));
}

}  // namespace
}  // namespace srt
