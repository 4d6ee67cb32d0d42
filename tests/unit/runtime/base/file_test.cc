#include "runtime/base/file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "runtime/base/unique_fd.h"
#include "tests/support/small_disk.h"
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

TEST_CASE("a file that is there keeps its mode, whatever the umask") {
  const test::TempTree tree;
  const std::string path = tree.file("file");
  const mode_t before = umask(027);
  for (const mode_t mode : {0600, 0755, 0664, 0444}) {
    REQUIRE(chmod(path.c_str(), mode) == 0);
    REQUIRE(StagedFile::write(path, "new")->commit());
    CHECK(mode_of(path) == mode);
  }
  umask(before);
  REQUIRE(chmod(path.c_str(), 04755) == 0);
  REQUIRE(StagedFile::write(path, "new")->commit());
  CHECK(mode_of(path) == 0755);
}

TEST_CASE("a file that is there keeps its owner and group where the caller may give them") {
  if (geteuid() != 0) {
    MESSAGE("skipped: only root can give files away");
    return;
  }
  const test::TempTree tree;
  const std::string path = tree.file("file");
  REQUIRE(chown(path.c_str(), 65534, 65533) == 0);
  REQUIRE(chmod(path.c_str(), 0640) == 0);
  REQUIRE(StagedFile::write(path, "new")->commit());
  struct stat info = {};
  REQUIRE(stat(path.c_str(), &info) == 0);
  CHECK(info.st_uid == 65534);
  CHECK(info.st_gid == 65533);
  CHECK(mode_of(path) == 0640);

  // Another user cannot give it the group, which then gets nothing.
  REQUIRE(chmod(tree.root().c_str(), 0777) == 0);
  REQUIRE(seteuid(65534) == 0);
  const Status written = StagedFile::write(path, "theirs")->commit();
  REQUIRE(seteuid(0) == 0);
  REQUIRE(written);
  CHECK(tree.content("file") == "theirs");
  CHECK(mode_of(path) == 0600);
}

TEST_CASE("a link to what is not there yet makes it there") {
  const test::TempTree tree;
  tree.directory("dir");
  tree.link("dir/second", "target");
  const std::string relative = tree.link("relative", "dir/second");
  const std::string absolute = tree.link("absolute", tree / "dir/other");
  for (const std::string& link : {relative, absolute}) {
    REQUIRE(StagedFile::write(link, "new")->commit());
    CHECK(std::filesystem::is_symlink(link));
  }
  CHECK(std::filesystem::is_symlink(tree / "dir/second"));
  CHECK(tree.content("dir/target") == "new");
  CHECK(tree.content("dir/other") == "new");
  CHECK(entries(tree / "dir") == 3);
}

TEST_CASE("links that lead nowhere are left alone") {
  const test::TempTree tree;
  const std::string loop = tree.link("loop", "loop");
  const Result<StagedFile> staged = StagedFile::write(loop, "x");
  REQUIRE_FALSE(staged);
  CHECK(staged.error().message == "cannot write `" + loop + "`: Too many levels of symbolic links");
  CHECK_FALSE(StagedFile::write(tree.link("out", "none/file"), "x"));
  CHECK(entries(tree.root()) == 2);
}

TEST_CASE("a new file keeps nothing of what was there") {
  const test::TempTree tree;
  tree.file("target", "old");
  const std::string link = tree.link("link", "target");
  REQUIRE(StagedFile::write_new(link, "new")->commit());
  CHECK_FALSE(std::filesystem::is_symlink(link));
  CHECK(tree.content("link") == "new");
  CHECK(tree.content("target") == "old");
  REQUIRE(chmod(link.c_str(), 0666) == 0);
  REQUIRE(StagedFile::write_new(link, "newer")->commit());
  CHECK((mode_of(link) & 0022) == 0);
  CHECK(entries(tree.root()) == 2);
}

// Files of a directory with other content, staged.
class SeveralFiles {
 public:
  SeveralFiles() {
    tree.file("old", "before");
    tree.file("last", "before");
    for (const char* name : {"old", "new", "last"}) {
      Result<StagedFile> file = StagedFile::write(tree / name, "after");
      REQUIRE(file);
      files.push_back(std::move(*file));
    }
  }

  test::TempTree tree;
  std::vector<StagedFile> files;
};

TEST_CASE("several files are put in place together") {
  SeveralFiles several;
  REQUIRE(StagedFile::commit_all(several.files));
  for (const char* name : {"old", "new", "last"}) CHECK(several.tree.content(name) == "after");
  CHECK(entries(several.tree.root()) == 3);
}

TEST_CASE("where one of several cannot be put in place the others are as they were") {
  SeveralFiles several;
  const test::TempTree& tree = several.tree;
  REQUIRE(chmod((tree / "old").c_str(), 0640) == 0);
  std::filesystem::remove(tree / "last");
  tree.directory("last");
  const Status committed = StagedFile::commit_all(several.files);
  REQUIRE_FALSE(committed);
  CHECK(committed.error().message.starts_with("cannot write `" + tree / "last" + "`: "));
  several.files.clear();
  CHECK(tree.content("old") == "before");
  CHECK(mode_of(tree / "old") == 0640);
  CHECK_FALSE(std::filesystem::exists(tree / "new"));
  CHECK(std::filesystem::is_directory(tree / "last"));
  CHECK(entries(tree.root()) == 2);
}

TEST_CASE("a file that its reader may not link to is taken back too") {
  if (geteuid() != 0) {
    MESSAGE("skipped: only root can become somebody else");
    return;
  }
  const test::TempTree tree;
  tree.file("old", "before");
  tree.file("last", "before");
  REQUIRE(chmod(tree.root().c_str(), 0777) == 0);
  REQUIRE(seteuid(65534) == 0);
  bool is_refused = false;
  {
    std::vector<StagedFile> files;
    files.push_back(std::move(*StagedFile::write(tree / "old", "after")));
    files.push_back(std::move(*StagedFile::write(tree / "last", "after")));
    std::filesystem::remove(tree / "last");
    tree.directory("last");
    is_refused = !StagedFile::commit_all(files);
  }
  REQUIRE(seteuid(0) == 0);
  CHECK(is_refused);
  CHECK(tree.content("old") == "before");
  CHECK(entries(tree.root()) == 2);
  struct stat info = {};
  REQUIRE(stat((tree / "old").c_str(), &info) == 0);
  CHECK(info.st_uid == 0);
}

TEST_CASE("one file under several names of an invocation is taken back too") {
  const test::TempTree tree;
  tree.file("file", "before");
  tree.link("link", "file");
  tree.file("last", "before");
  {
    std::vector<StagedFile> files;
    for (const char* name : {"file", "link", "last"}) {
      files.push_back(std::move(*StagedFile::write(tree / name, name)));
    }
    std::filesystem::remove(tree / "last");
    tree.directory("last");
    CHECK_FALSE(StagedFile::commit_all(files));
  }
  CHECK(tree.content("file") == "before");
  CHECK(entries(tree.root()) == 3);
}

TEST_CASE("a device that is full keeps files from being put in place") {
  SeveralFiles several;
  several.files.push_back(std::move(*StagedFile::write("/dev/full", "x")));
  CHECK_FALSE(StagedFile::commit_all(several.files));
  several.files.clear();
  CHECK(several.tree.content("old") == "before");
  CHECK(entries(several.tree.root()) == 2);
}

TEST_CASE("what a full disk cuts off is not left behind") {
  const test::TempTree tree;
  const auto full = test::on_small_disk(tree.root(), 1 << 16, [&] {
    tree.file("file", "old");
    const Result<StagedFile> staged = StagedFile::write(tree / "file", std::string(1 << 17, 'x'));
    return !staged &&
           staged.error().message ==
               "cannot write `" + tree / "file" + "`: No space left on device" &&
           tree.content("file") == "old" && entries(tree.root()) == 1;
  });
  if (!full) {
    MESSAGE("skipped: no file system can be mounted here");
    return;
  }
  CHECK(*full);
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
