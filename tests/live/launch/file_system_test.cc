#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/live/launch/sandbox.h"

namespace srt::live {
namespace {

using Kind = Mount::Kind;

std::string contents(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("a hidden file gives EACCES for reading, writing and removing") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    const std::string secret = scratch.file("secret", "password");
    LaunchSpec spec =
        script_spec("cat secret; echo x > secret; chmod 644 secret; rm -f secret; : done", scratch);
    spec.plan.mounts.push_back({Kind::hidden_file, secret, false});
    const Ending ending = run({user, spec});
    CHECK(ending.status == 0);
    CHECK(ending.out.empty());
    CHECK(ending.err.find("cat: secret: Permission denied") != std::string::npos);
    CHECK(ending.err.find("secret: Read-only file system") != std::string::npos);
    CHECK(ending.err.find("rm: cannot remove 'secret': Device or resource busy") !=
          std::string::npos);
    CHECK(contents(secret) == "password");
  }
}

TEST_CASE("R16: a hidden directory cannot be listed, entered or written into") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    const std::string directory = scratch.directory("private");
    scratch.file("private/key", "password");
    LaunchSpec spec = script_spec(
        "ls private; cat private/key; cd private; echo x > private/new; chmod 755 "
        "private; mkdir private/new; : done",
        scratch);
    spec.plan.mounts.push_back({Kind::hidden_directory, directory, true});
    const Ending ending = run({user, spec});
    CHECK(ending.status == 0);
    CHECK(ending.out.empty());
    CHECK(ending.err.find("ls: cannot open directory 'private': Permission denied") !=
          std::string::npos);
    CHECK(ending.err.find("cat: private/key: Permission denied") != std::string::npos);
    CHECK(ending.err.find("cd: private: Permission denied") != std::string::npos);
    CHECK(ending.err.find("private/new: Permission denied") != std::string::npos);
    CHECK(ending.err.find("'private': Read-only file system") != std::string::npos);
    CHECK(contents(directory + "/key") == "password");
    CHECK_FALSE(exists(directory + "/new"));
  }
}

TEST_CASE("R17: a hidden fifo or socket is as unreadable as a file") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    const std::string fifo = scratch / "fifo";
    REQUIRE(mkfifo(fifo.c_str(), 0666) == 0);
    LaunchSpec spec = script_spec("cat fifo; echo x > fifo", scratch);
    spec.plan.mounts.push_back({Kind::hidden_file, fifo, false});
    const Ending ending = run({user, spec});
    CHECK(ending.err.find("cat: fifo: Permission denied") != std::string::npos);
    CHECK(ending.err.find("fifo: Permission denied") != std::string::npos);
  }
}

TEST_CASE("writing into a read-only mount gives EROFS, and a later mount re-opens it") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    const std::string fixed = scratch.directory("fixed");
    const std::string open = scratch.directory("fixed/open");
    LaunchSpec spec =
        script_spec("echo x > fixed/new; echo x > fixed/open/new; echo x > here", scratch);
    spec.plan.mounts.push_back({Kind::read_only, fixed, true});
    spec.plan.mounts.push_back({Kind::read_write, open, true});
    const Ending ending = run({user, spec});
    CHECK(ending.err.find("fixed/new: Read-only file system") != std::string::npos);
    CHECK_FALSE(exists(fixed + "/new"));
    CHECK(contents(open + "/new") == "x\n");
    CHECK(contents(scratch / "here") == "x\n");
  }
}

TEST_CASE("R1: a pinned ancestor of a protected path cannot be renamed away") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    const std::string repository = scratch.directory("repository");
    const std::string config = scratch.file("repository/config", "original");
    LaunchSpec spec = script_spec(
        "mv repository other; echo x > repository/config; echo y > repository/free", scratch);
    spec.plan.mounts.push_back({Kind::pin, repository, true});
    spec.plan.mounts.push_back({Kind::read_only, config, false});
    const Ending ending = run({user, spec});
    CHECK(ending.err.find("Device or resource busy") != std::string::npos);
    CHECK(ending.err.find("config: Read-only file system") != std::string::npos);
    CHECK(contents(config) == "original");
    CHECK(contents(repository + "/free") == "y\n");
  }
}

TEST_CASE("a sealed root shows what is re-opened and nothing else, and programs run in it") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    const std::string project = scratch.directory("project");
    const std::string below = scratch / "project";
    LaunchSpec spec = script_spec("echo x > made; ls /tmp; ls " + scratch.path() +
                                      "; ls -d /etc /home; echo > /new; echo > /tmp/new; [ -c "
                                      "/dev/null ] && [ -e /proc/self/stat ] && exit 4",
                                  scratch);
    spec.plan.mounts = {{Kind::sealed_directory, "/", true},
                        {Kind::read_only, "/usr", true},
                        {Kind::read_write, project, true}};
    spec.working_directory = project;
    const Ending ending = run({user, spec});
    CAPTURE(ending.err);
    CHECK(ending.status == 4);
    CHECK(ending.out.empty());
    CHECK(ending.err.find("ls: cannot open directory '/tmp': Permission denied") !=
          std::string::npos);
    CHECK(ending.err.find("ls: cannot open directory '" + scratch.path() +
                          "': Permission denied") != std::string::npos);
    CHECK(ending.err.find("'/etc': No such file") != std::string::npos);
    CHECK(ending.err.find("'/home': No such file") != std::string::npos);
    CHECK(ending.err.find("/new: Read-only file system") != std::string::npos);
    CHECK(contents(project + "/made") == "x\n");
    CHECK_FALSE(exists("/new"));
  }
}

TEST_CASE("a sealed directory can be passed through to what is re-opened beneath it") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    const std::string sealed = scratch.directory("sealed");
    scratch.file("sealed/secret", "password");
    scratch.directory("sealed/deep");
    const std::string open = scratch.directory("sealed/deep/open");
    scratch.file("sealed/deep/open/notes", "text");
    LaunchSpec spec = script_spec(
        "cat sealed/deep/open/notes; cat sealed/secret; ls sealed; ls sealed/deep; echo > "
        "sealed/new; echo > sealed/deep/new",
        scratch);
    spec.plan.mounts.push_back({Kind::sealed_directory, sealed, true});
    spec.plan.mounts.push_back({Kind::read_only, open, true});
    const Ending ending = run({user, spec});
    CHECK(ending.out == "text");
    CHECK(ending.err.find("cat: sealed/secret: No such file") != std::string::npos);
    CHECK(ending.err.find("'sealed': Permission denied") != std::string::npos);
    CHECK(ending.err.find("'sealed/deep': Permission denied") != std::string::npos);
    CHECK(ending.err.find("sealed/new: Read-only file system") != std::string::npos);
    CHECK(ending.err.find("sealed/deep/new: Read-only file system") != std::string::npos);
  }
}

TEST_CASE("R20: a launch leaves no new name on the host") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    const std::string directory = scratch.directory("directory");
    const std::string file = scratch.file("file", "text");
    LaunchSpec spec = basic_spec({"true"}, scratch);
    spec.plan.mounts.push_back({Kind::hidden_directory, directory, true});
    spec.plan.mounts.push_back({Kind::hidden_file, file, false});
    spec.private_tmp = "/dev/srt-tmp";
    CHECK(run({user, spec}).status == 0);
    std::size_t entries = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(scratch.path())) {
      CHECK((entry.path() == directory || entry.path() == file));
      ++entries;
    }
    CHECK(entries == 2);
    CHECK_FALSE(exists("/dev/srt-tmp"));
  }
}

TEST_CASE("the private temporary directory is there, writable and the command's alone") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    LaunchSpec spec = script_spec(
        "stat -c %a /dev/srt-tmp; echo hello > /dev/srt-tmp/a; cat "
        "/dev/srt-tmp/a",
        scratch);
    spec.private_tmp = "/dev/srt-tmp";
    CHECK(run({user, spec}).out == "700\nhello\n");
  }
}

TEST_CASE("more hidden files than the limit on open files allows are hidden all the same") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    LaunchSpec spec = script_spec(
        "ulimit -n; ls | wc -l; cat secret* 2>&1 | grep -c 'Permission denied'", scratch);
    for (int i = 0; i < 100; ++i) {
      const std::string path = scratch.file("secret" + std::to_string(i), "password");
      spec.plan.mounts.push_back({Kind::hidden_file, path, false});
    }
    Launcher launcher = {user, spec};
    launcher.before = [] {
      rlimit limit;
      getrlimit(RLIMIT_NOFILE, &limit);
      limit.rlim_cur = 64;
      setrlimit(RLIMIT_NOFILE, &limit);
    };
    const Ending ending = run(launcher);
    CAPTURE(ending.err);
    CHECK(ending.out == "64\n100\n100\n");
  }
}

}  // namespace
}  // namespace srt::live
