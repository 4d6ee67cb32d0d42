#include "runtime/launch/bwrap_program.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace srt {
namespace {

/// A directory beneath /tmp, which everybody can write into: nothing in it is to be trusted.
class OpenDirectory {
 public:
  OpenDirectory() {
    char name[] = "/tmp/srt-bwrap-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    path_ = name;
  }
  ~OpenDirectory() { std::filesystem::remove_all(path_); }

  std::string program(const std::string& name) const {
    const std::string path = path_ + "/" + name;
    std::ofstream(path) << "#!/bin/sh\n";
    REQUIRE(chmod(path.c_str(), 0755) == 0);
    return path;
  }
  std::string link(const std::string& name, const char* target) const {
    const std::string path = path_ + "/" + name;
    REQUIRE(symlink(target, path.c_str()) == 0);
    return path;
  }

 private:
  std::string path_;
};

Result<std::string> find(const std::vector<const char*>& paths) { return find_bwrap(paths); }

TEST_CASE("a program of the distribution is trusted, and the first one taken") {
  CHECK(*find({"/nowhere/bwrap", "/usr/bin/env", "/usr/bin/id"}) == "/usr/bin/env");
}

TEST_CASE("R25: a program that others than root could have put there is not used") {
  const OpenDirectory directory;
  const std::string planted = directory.program("bwrap");
  const Result<std::string> found = find({planted.c_str()});
  REQUIRE_FALSE(found);
  CHECK(found.error().message ==
        "`" + planted + "` is not used: others than root could have put it there");
  CHECK(*find({planted.c_str(), "/usr/bin/env"}) == "/usr/bin/env");
}

TEST_CASE("R25: neither is a link that they could point elsewhere") {
  const OpenDirectory directory;
  const std::string link = directory.link("bwrap", "/usr/bin/env");
  CHECK_FALSE(find({link.c_str()}));
}

TEST_CASE("a directory is no program, and without any the help says what to install") {
  CHECK_FALSE(find({"/usr"}));
  const Result<std::string> found = find({"/nowhere/bwrap"});
  REQUIRE_FALSE(found);
  CHECK(found.error().message == "bubblewrap is not installed");
  CHECK(found.error().help.find("apt-get install bubblewrap") != std::string::npos);
}

}  // namespace
}  // namespace srt
