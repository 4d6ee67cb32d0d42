#include "compiler/driver/cache.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "runtime/base/file.h"
#include "runtime/bundle/bundle.h"
#include "tests/support/captured.h"
#include "tests/support/small_disk.h"
#include "tests/support/temp_tree.h"

namespace srt::driver {
namespace {

constexpr const char* kPolicy = "deny read /srv/secret\n";
constexpr const char* kOther = "deny read /srv/other\n";

// A caller's cache, `cache/srt` of a directory of its own.
class Cache {
 public:
  Cache() { tree.directory("cache"); }

  // The bundle of the policy `text`; empty when it does not compile.
  std::string bundle(const std::string& text = kPolicy, const std::string& name = "p.srt") const {
    const test::Captured messages(STDERR_FILENO);
    Caller caller;
    caller.working_directory = tree.root();
    caller.environment = {{"XDG_CACHE_HOME", base}};
    const Result<std::optional<std::string>> path = cached_bundle(name, text, caller);
    REQUIRE(path);
    said = messages.text();
    return path->value_or("");
  }

  std::vector<std::string> entries() const {
    std::vector<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(tree / "cache/srt")) {
      out.push_back(entry.path());
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  test::TempTree tree;
  std::string base = tree / "cache";
  mutable std::string said;
};

std::string bytes_of(const std::string& path) { return read_file(path, 1 << 24).value(); }

void overwrite(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

bool denies(const std::string& path, const std::string& what) {
  const Result<Bundle> read = read_bundle(bytes_of(path));
  if (!read) return false;
  return std::any_of(read->rules.begin(), read->rules.end(),
                     [&](const auto& rule) { return rule.text.find(what) != std::string::npos; });
}

// Whether `path` is of this process's memory. Closes it.
bool is_in_memory(const std::string& path) {
  const std::string prefix = "/proc/self/fd/";
  if (!path.starts_with(prefix)) return false;
  return close(std::stoi(path.substr(prefix.size()))) == 0;
}

TEST_CASE("a bundle is kept under a name of its content and found again") {
  const Cache cache;
  const std::string first = cache.bundle();
  CHECK(cache.entries() == std::vector{first});
  CHECK(first.ends_with(".srtb"));
  CHECK(denies(first, "/srv/secret"));
  struct stat info = {};
  REQUIRE(stat((cache.tree / "cache/srt").c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0700);

  // That it is not compiled again shows in what is there now.
  const std::string other = cache.bundle(kOther);
  const std::string bytes = bytes_of(other);
  overwrite(first, bytes);
  CHECK(cache.bundle() == first);
  CHECK(bytes_of(first) == bytes);
}

TEST_CASE("another text or another name is another bundle") {
  const Cache cache;
  const std::string first = cache.bundle();
  CHECK(cache.bundle(kOther) != first);
  CHECK(cache.bundle(kPolicy, "q.srt") != first);
  // Together the same text.
  CHECK(cache.bundle(kPolicy, "p#\n") != cache.bundle(std::string("#\n") + kPolicy, "p"));
  CHECK(cache.entries().size() == 5);
  CHECK(cache.bundle() == first);
  CHECK(cache.entries().size() == 5);
}

TEST_CASE("what does not compile is reported each time and not kept") {
  const Cache cache;
  for (int i = 0; i < 2; ++i) {
    CHECK(cache.bundle("alow read /x\n") == "");
    CHECK(cache.said.starts_with("p.srt:1:1: error: "));
  }
  CHECK(cache.entries().empty());
}

TEST_CASE("a damaged bundle is made again") {
  const Cache cache;
  const std::string path = cache.bundle();
  const std::string sound = bytes_of(path);
  std::string flipped = sound;
  flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 1);
  for (const std::string& damaged : {std::string(), sound.substr(0, 100),
                                     sound.substr(0, sound.size() - 1), flipped, sound + "x"}) {
    overwrite(path, damaged);
    CHECK(cache.bundle() == path);
    CHECK(bytes_of(path) == sound);
    CHECK(cache.entries().size() == 1);
  }
}

TEST_CASE("a bundle that others can write is made again, for this user alone") {
  const Cache cache;
  const std::string other = bytes_of(cache.bundle(kOther));
  const std::string path = cache.bundle();
  for (const mode_t mode : {0664, 0646, 0666}) {
    overwrite(path, other);
    REQUIRE(chmod(path.c_str(), mode) == 0);
    CHECK(cache.bundle() == path);
    CHECK(denies(path, "/srv/secret"));
    struct stat info = {};
    REQUIRE(stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0022) == 0);
  }
}

TEST_CASE("a bundle of another user is made again") {
  if (geteuid() != 0) {
    MESSAGE("skipped: only root can give files away");
    return;
  }
  const Cache cache;
  const std::string other = bytes_of(cache.bundle(kOther));
  const std::string path = cache.bundle();
  overwrite(path, other);
  REQUIRE(chown(path.c_str(), 65534, 65534) == 0);
  CHECK(cache.bundle() == path);
  CHECK(denies(path, "/srv/secret"));
  struct stat info = {};
  REQUIRE(stat(path.c_str(), &info) == 0);
  CHECK(info.st_uid == 0);
}

TEST_CASE("a link in a bundle's place is replaced, not followed") {
  const Cache cache;
  const std::string path = cache.bundle();
  const std::string elsewhere = cache.tree.file("elsewhere", bytes_of(cache.bundle(kOther)));
  const std::string before = bytes_of(elsewhere);
  std::filesystem::remove(path);
  std::filesystem::create_symlink(elsewhere, path);
  CHECK(cache.bundle() == path);
  CHECK_FALSE(std::filesystem::is_symlink(path));
  CHECK(denies(path, "/srv/secret"));
  CHECK(bytes_of(elsewhere) == before);
}

TEST_CASE("what is no file in a bundle's place is passed over") {
  const Cache cache;
  const std::string path = cache.bundle();
  std::filesystem::remove(path);
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  CHECK(cache.bundle() == path);
  std::filesystem::remove(path);
  std::filesystem::create_directories(path + "/sub");
  CHECK(is_in_memory(cache.bundle()));
  CHECK(cache.entries() == std::vector{path});
}

TEST_CASE("a cache that others can write to is passed over") {
  for (const char* directory : {"", "cache", "cache/srt"}) {
    for (const mode_t mode : {0770, 0707, 0777}) {
      CAPTURE(directory);
      CAPTURE(mode);
      const Cache cache;
      const std::string kept = cache.bundle();
      REQUIRE(chmod((cache.tree / directory).c_str(), mode) == 0);
      const std::string path = cache.bundle();
      CHECK(denies(path, "/srv/secret"));
      CHECK(is_in_memory(path));
      REQUIRE(chmod((cache.tree / directory).c_str(), 0700) == 0);
      CHECK(cache.bundle() == kept);
    }
  }
}

TEST_CASE("in a sticky directory others cannot replace the cache") {
  const Cache cache;
  REQUIRE(chmod((cache.tree / "cache").c_str(), 01777) == 0);
  CHECK(cache.bundle().starts_with(cache.tree / "cache/srt/"));
}

TEST_CASE("a cache that is another user's, or lies in another's directory, is passed over") {
  if (geteuid() != 0) {
    MESSAGE("skipped: only root can give files away");
    return;
  }
  for (const char* directory : {"", "cache", "cache/srt"}) {
    CAPTURE(directory);
    const Cache cache;
    cache.bundle();
    REQUIRE(chown((cache.tree / directory).c_str(), 65534, 65534) == 0);
    CHECK(is_in_memory(cache.bundle()));
    REQUIRE(chown((cache.tree / directory).c_str(), 0, 0) == 0);
  }
}

TEST_CASE("a link is no cache, though one may lead to where caches are") {
  Cache cache;
  cache.tree.directory("mine");
  cache.tree.link("cache/srt", "../mine");
  CHECK(is_in_memory(cache.bundle()));
  CHECK(std::filesystem::is_empty(cache.tree / "mine"));
  cache.base = cache.tree.link("link", "mine");
  CHECK(cache.bundle().starts_with(cache.tree / "link/srt/"));
}

TEST_CASE("where nothing can be kept each bundle is in memory") {
  Cache cache;
  for (const std::string& base : {cache.tree.file("file"), std::string("/proc/self/none")}) {
    CAPTURE(base);
    cache.base = base;
    const std::string path = cache.bundle();
    CHECK(denies(path, "/srv/secret"));
    CHECK(is_in_memory(path));
  }
  // Nor is a relative directory looked at, and without a home there is none.
  cache.base = "relative";
  CHECK(is_in_memory(cache.bundle()));
}

TEST_CASE("a full disk is as none") {
  const Cache cache;
  const auto full = test::on_small_disk(cache.tree / "cache", 1 << 13, [&] {
    const std::string path = cache.bundle();
    return path.starts_with("/proc/self/fd/") && denies(path, "/srv/secret") &&
           cache.entries().empty();
  });
  if (!full) {
    MESSAGE("skipped: no file system can be mounted here");
    return;
  }
  CHECK(*full);
}

TEST_CASE("a policy that uses files is not kept, as their text can change") {
  const Cache cache;
  cache.tree.file("used.srt", "deny read /srv/first\n");
  const std::string name = cache.tree / "p.srt";
  const std::string first = cache.bundle("use \"./used.srt\"\n", name);
  CHECK(denies(first, "/srv/first"));
  CHECK(is_in_memory(first));
  cache.tree.file("used.srt", "deny read /srv/second\n");
  const std::string second = cache.bundle("use \"./used.srt\"\n", name);
  CHECK(denies(second, "/srv/second"));
  CHECK(is_in_memory(second));
  CHECK(cache.entries().empty());
  // Built-in modules are the compiler's own.
  CHECK_FALSE(is_in_memory(cache.bundle("use std.protect\n")));
}

TEST_CASE("a policy's own files cannot be written under it") {
  const Cache cache;
  cache.tree.file("used.srt", "allow write /srv\n");
  cache.tree.file("p.srt", "");
  cache.tree.link("q.srt", "p.srt");
  const std::string bundle = cache.bundle("use \"./used.srt\"\n", cache.tree / "q.srt");
  for (const char* name : {"used.srt", "p.srt", "q.srt"}) {
    CHECK(denies(bundle, "deny write " + (cache.tree / name)));
  }
  CHECK(is_in_memory(bundle));
  // Relative names are relative to where the run starts, so the same text and name elsewhere is
  // another bundle.
  Cache other;
  other.base = cache.base;
  other.tree.file("p.srt", "");
  CHECK(denies(cache.bundle(), "deny write " + (cache.tree / "p.srt")));
  CHECK(denies(other.bundle(), "deny write " + (other.tree / "p.srt")));
  // What is no file has nothing to protect.
  CHECK_FALSE(denies(cache.bundle(kPolicy, "/dev/null"), "deny write /dev/null"));
}

TEST_CASE("runs at the same time all get a sound bundle, whatever they find") {
  const Cache cache;
  const std::string path = cache.bundle();
  const std::string sound = bytes_of(path);
  overwrite(path, "damaged");
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      bool all = true;
      for (int round = 0; round < 5; ++round) {
        const std::string found = cache.bundle();
        all = all && found == path && bytes_of(found) == sound;
      }
      _exit(all ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    waitpid(child, &status, 0);
    CHECK(status == 0);
  }
  CHECK(bytes_of(path) == sound);
}

}  // namespace
}  // namespace srt::driver
