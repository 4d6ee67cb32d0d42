#include "runtime/plan/plan.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <functional>

#include "tests/support/policy_bundle.h"
#include "tests/support/temp_tree.h"

// Mounts for policies on real trees. `${cwd}` is the tree's directory `w`, where the command runs.
namespace srt {
namespace {

using Kind = Mount::Kind;

struct Case {
  Case() { tree.directory("w"); }

  std::string path(const std::string& name) const { return tree / ("w/" + name); }

  Result<MountPlan> plan(const std::string& policy) const { return plan(policy, tree / "w"); }
  Result<MountPlan> plan(const std::string& policy, const std::string& cwd) const {
    const test::PolicyBundle made(policy);
    return make_mount_plan(made.bundle, made.anchors(cwd), cwd);
  }

  test::TempTree tree;
};

// What is mounted at a path, the last of several; nothing where nothing is.
std::optional<Kind> kind_at(const MountPlan& plan, const std::string& path) {
  std::optional<Kind> kind;
  for (const Mount& mount : plan.mounts) {
    if (mount.path == path) kind = mount.kind;
  }
  return kind;
}

bool has_note(const MountPlan& plan, const std::string& part) {
  return std::any_of(plan.notes.begin(), plan.notes.end(),
                     [&](const std::string& note) { return note.find(part) != std::string::npos; });
}

TEST_CASE("the root comes first, and mounts are where access changes only") {
  const Case c;
  c.tree.file("w/a/file");
  c.tree.file("w/b/file");
  const MountPlan plan = c.plan("allow write .\ndeny write ./a").value();
  REQUIRE(plan.mounts.size() == 3);
  CHECK(plan.mounts[0].path == "/");
  CHECK(plan.mounts[0].kind == Kind::read_only);
  CHECK(plan.mounts[1].path == c.tree / "w");
  CHECK(plan.mounts[1].kind == Kind::read_write);
  CHECK(plan.mounts[1].rule == 0);
  CHECK(plan.mounts[2].path == c.path("a"));
  CHECK(plan.mounts[2].kind == Kind::read_only);
  CHECK(plan.mounts[2].rule == 1);
}

TEST_CASE("denied files and directories have stand-ins of their kind") {
  const Case c;
  c.tree.file("w/dir/file");
  c.tree.file("w/file");
  c.tree.file("w/sealed/open");
  REQUIRE(mkfifo(c.path("fifo").c_str(), 0600) == 0);
  const MountPlan plan =
      c.plan("deny read ./dir, ./file, ./fifo, ./sealed\nallow read ./sealed/open").value();
  CHECK(kind_at(plan, c.path("dir")) == Kind::hidden_directory);
  CHECK(kind_at(plan, c.path("file")) == Kind::hidden_file);
  CHECK(kind_at(plan, c.path("fifo")) == Kind::hidden_file);
  CHECK(kind_at(plan, c.path("sealed")) == Kind::sealed_directory);
  CHECK(kind_at(plan, c.path("sealed/open")) == Kind::read_only);
}

TEST_CASE("C1: directories between a grant and what it does not reach are pinned") {
  const Case c;
  c.tree.file("w/x/y/hooks/h");
  const MountPlan plan = c.plan("allow write .\ndeny write ./x/y/hooks").value();
  CHECK(kind_at(plan, c.path("x")) == Kind::pin);
  CHECK(kind_at(plan, c.path("x/y")) == Kind::pin);
  CHECK(kind_at(plan, c.path("x/y/hooks")) == Kind::read_only);
  // Where nothing can be written nothing can be renamed.
  const MountPlan closed = c.plan("deny read ./x/y/hooks").value();
  CHECK_FALSE(kind_at(closed, c.path("x")));
}

TEST_CASE("C7: a denied file in an allowed directory stays denied, and the other way round") {
  const Case c;
  c.tree.file("w/dir/file");
  c.tree.file("w/dir/other");
  const MountPlan plan = c.plan("allow write ./dir\ndeny read ./dir/file").value();
  CHECK(kind_at(plan, c.path("dir")) == Kind::read_write);
  CHECK(kind_at(plan, c.path("dir/file")) == Kind::hidden_file);
  CHECK_FALSE(kind_at(plan, c.path("dir/other")));
}

TEST_CASE("R8: a working directory that is denied stops the launch and names the rule") {
  const Case c;
  const auto denied = c.plan("deny read .");
  REQUIRE_FALSE(denied);
  CHECK(denied.error().message ==
        "the working directory `" + c.tree / "w" + "` is denied by `deny read .` (test.srt:1:11)");
  const auto by_default = c.plan("default read deny\nallow read ./x");
  REQUIRE_FALSE(by_default);
  CHECK(by_default.error().message.find("`default read deny`") != std::string::npos);
  CHECK_FALSE(c.plan("policy \"x\"", c.tree / "none"));
  CHECK_FALSE(c.plan("policy \"x\"", c.tree.file("file")));
}

TEST_CASE("C10: names that look like patterns are literal in directories of anchors") {
  const test::TempTree tree;
  const std::string cwd = tree.directory("[WIP] a*b?{x}");
  tree.file("[WIP] a*b?{x}/secret");
  tree.file("W/secret");
  const test::PolicyBundle made("allow write .\ndeny read ./secret");
  const MountPlan plan = make_mount_plan(made.bundle, made.anchors(cwd), cwd).value();
  CHECK(kind_at(plan, cwd) == Kind::read_write);
  CHECK(kind_at(plan, cwd + "/secret") == Kind::hidden_file);
  CHECK(plan.mounts.size() == 3);
}

TEST_CASE("R15: a deny holds for a link's target too") {
  const Case c;
  c.tree.file("dotfiles/key");
  c.tree.link("w/key", "../dotfiles/key");
  const MountPlan plan = c.plan("allow write .\ndeny read ./key").value();
  CHECK(kind_at(plan, c.tree / "dotfiles/key") == Kind::hidden_file);
  CHECK_FALSE(kind_at(plan, c.path("key")));  // the link itself shows nothing
}

TEST_CASE("a deny holds beneath a link's target") {
  const Case c;
  c.tree.file("store/a/secret");
  c.tree.file("store/a/other");
  c.tree.link("w/config", "../store");
  const MountPlan plan = c.plan("deny read ./config/**/secret").value();
  CHECK(kind_at(plan, c.tree / "store/a/secret") == Kind::hidden_file);
  CHECK_FALSE(kind_at(plan, c.tree / "store/a/other"));
}

TEST_CASE("a grant reaches through a link that the command could not have made") {
  const Case c;
  c.tree.directory("store");
  c.tree.link("w/out", "../store");
  const MountPlan plan = c.plan("allow write ./out").value();
  CHECK(kind_at(plan, c.tree / "store") == Kind::read_write);
}

TEST_CASE("a grant that a later rule takes back reaches nowhere") {
  const Case c;
  c.tree.directory("store");
  c.tree.directory("w/in");
  c.tree.link("w/in/out", "../../store");
  CHECK(kind_at(c.plan("allow write ./in/out").value(), c.tree / "store") == Kind::read_write);
  for (const char* rule : {"deny write ./in", "deny read ./in"}) {
    CAPTURE(rule);
    const MountPlan plan = c.plan(std::string("allow write ./in/out\n") + rule).value();
    CHECK_FALSE(kind_at(plan, c.tree / "store"));
  }
}

TEST_CASE("a link that the command could have planted grants nothing") {
  const Case c;
  c.tree.file("victim/file");
  c.tree.link("w/out", "../victim");
  const MountPlan plan = c.plan("allow write .\nallow write ./out").value();
  CHECK(kind_at(plan, c.tree / "w") == Kind::read_write);
  CHECK_FALSE(kind_at(plan, c.tree / "victim"));
}

TEST_CASE("a planted link lifts no deny") {
  const Case c;
  c.tree.file("w/secret");
  c.tree.link("w/x", "secret");
  const MountPlan plan = c.plan("allow write .\ndeny read ./secret\nallow read ./x").value();
  CHECK(kind_at(plan, c.path("secret")) == Kind::hidden_file);
}

TEST_CASE("an allow of a directory is no allow of what its links lead to") {
  const Case c;
  c.tree.file("outside/file");
  c.tree.link("w/link", "../outside");
  const MountPlan plan = c.plan("default read deny\nallow read .").value();
  CHECK_FALSE(kind_at(plan, c.tree / "outside"));
}

TEST_CASE("links that go round end the walk nowhere") {
  const Case c;
  c.tree.file("w/a/secret");
  c.tree.link("w/a/up", "..");
  c.tree.link("w/a/self", "self");
  c.tree.link("w/b", "a");
  const MountPlan plan = c.plan("deny read ./**/secret").value();
  CHECK(kind_at(plan, c.path("a/secret")) == Kind::hidden_file);
}

TEST_CASE("globs are expanded by listing, names that are alike left alone") {
  const Case c;
  c.tree.file("w/a.key");
  c.tree.file("w/sub/b.key");
  c.tree.file("w/sub/b.keys");
  const MountPlan plan = c.plan("deny read ./**/*.key").value();
  CHECK(kind_at(plan, c.path("a.key")) == Kind::hidden_file);
  CHECK(kind_at(plan, c.path("sub/b.key")) == Kind::hidden_file);
  CHECK(plan.mounts.size() == 3);
}

TEST_CASE("R13: neither hidden names nor depth keep a name from being found") {
  const Case c;
  std::string deep = "w";
  for (int i = 0; i < 40; ++i) deep += "/.d";
  c.tree.file(deep + "/.env");
  c.tree.file("w/.gitignore", ".env\n");
  const MountPlan plan = c.plan("deny read ./**/.env").value();
  CHECK(kind_at(plan, c.tree / (deep + "/.env")) == Kind::hidden_file);
}

TEST_CASE("names of any bytes are found by name and by listing") {
  const Case c;
  const std::string name = "\xFF\x01 \n*[a]";
  c.tree.file("w/" + name + "/key");
  c.tree.file("w/" + name + "/other");
  for (const char* policy : {"deny read \"./\\xff\\x01 \\x0a\\*\\[a\\]/key\"", "deny read ./*/key",
                             "deny read ./**/key"}) {
    CAPTURE(policy);
    const MountPlan plan = c.plan(policy).value();
    CHECK(kind_at(plan, c.path(name + "/key")) == Kind::hidden_file);
    CHECK(plan.mounts.size() == 2);
  }
}

TEST_CASE("one listing finds the names of all globs, of every kind of entry") {
  const Case c;
  c.tree.file("w/a/.env");
  c.tree.file("w/a/b/x.pem");
  c.tree.directory("w/a/secret.d");
  c.tree.file("store/key");
  c.tree.link("w/a/secret", "../../store/key");
  REQUIRE(mkfifo(c.path("a/x.pem").c_str(), 0600) == 0);
  const MountPlan plan =
      c.plan("allow write .\ndeny read ./**/.env, ./**/*.pem, ./**/secret*").value();
  CHECK(kind_at(plan, c.path("a/.env")) == Kind::hidden_file);
  CHECK(kind_at(plan, c.path("a/b/x.pem")) == Kind::hidden_file);
  CHECK(kind_at(plan, c.path("a/x.pem")) == Kind::hidden_file);
  CHECK(kind_at(plan, c.path("a/secret.d")) == Kind::hidden_directory);
  CHECK(kind_at(plan, c.tree / "store/key") == Kind::hidden_file);
}

TEST_CASE("a file whose rules change but not its access needs no mount") {
  const Case c;
  c.tree.file("w/a.c");
  c.tree.file("w/a.h");
  const MountPlan plan =
      c.plan("allow write .\ndeny read ./*.c, ./*.h\nallow read ./*.c\ndeny write ./*.o").value();
  CHECK_FALSE(kind_at(plan, c.path("a.c")));
  CHECK(kind_at(plan, c.path("a.h")) == Kind::hidden_file);
}

TEST_CASE("globs list nothing of the kernel's file systems, names are found there") {
  const Case c;
  const MountPlan globs = c.plan("deny read /**/status, /proc/*/environ, /sys/**/uevent").value();
  for (const Mount& mount : globs.mounts) {
    CAPTURE(mount.path);
    CHECK_FALSE(mount.path.starts_with("/proc"));
    CHECK_FALSE(mount.path.starts_with("/sys"));
  }
  const MountPlan named = c.plan("deny read /proc/version").value();
  CHECK(kind_at(named, "/proc/version") == Kind::hidden_file);
}

// Makes directories named `name` in one another until the path of the last has `size` bytes or
// more, of any length; returns that of the last which a system call takes.
std::string dig(const std::string& from, const std::string& name, std::size_t size) {
  std::string path = from;
  std::string named = from;
  int at = open(from.c_str(), O_DIRECTORY | O_CLOEXEC);
  while (path.size() < size) {
    REQUIRE(mkdirat(at, name.c_str(), 0755) == 0);
    const int next = openat(at, name.c_str(), O_DIRECTORY | O_CLOEXEC);
    REQUIRE(next >= 0);
    close(at);
    at = next;
    path += '/' + name;
    if (path.size() < PATH_MAX) named = path;
  }
  const int file = openat(at, ".env", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  REQUIRE(file >= 0);
  close(file);
  close(at);
  return named;
}

TEST_CASE("what lies deeper than a path can be long is denied with the directory that holds it") {
  const Case c;
  const std::string deepest = dig(c.tree / "w", std::string(200, 'd'), PATH_MAX + 1000);
  const MountPlan plan = c.plan("allow write .\ndeny read ./**/.env").value();
  const auto hidden = std::find_if(plan.mounts.begin(), plan.mounts.end(), [](const Mount& mount) {
    return mount.kind == Kind::hidden_directory && mount.path.size() > PATH_MAX / 2;
  });
  REQUIRE(hidden != plan.mounts.end());
  CHECK(deepest.starts_with(hidden->path));
  CHECK(has_note(plan, "cannot be listed"));
  // A rule that asks for no more than is there leaves it alone.
  CHECK(c.plan("allow write .").value().mounts.size() == 2);
}

TEST_CASE("names of 255 bytes are found by name and by listing") {
  const Case c;
  const std::string name(255, 'x');
  c.tree.file("w/" + name);
  CHECK(kind_at(c.plan("deny read ./" + name).value(), c.path(name)) == Kind::hidden_file);
  CHECK(kind_at(c.plan("deny read ./*x").value(), c.path(name)) == Kind::hidden_file);
}

TEST_CASE("R11: a name that is not there yet is told, where it could appear") {
  const Case c;
  const MountPlan plan = c.plan("allow write .\ndeny write ./none").value();
  CHECK(has_note(plan,
                 "`" + c.path("none") + "` is not there, and `deny write ./none` keeps it from"));
  CHECK(c.plan("deny read ./none").value().notes.empty());
  CHECK(c.plan("allow write .\ndeny write ./none existing").value().notes.empty());
  const MountPlan grant = c.plan("allow write ./none").value();
  CHECK(has_note(grant, "so `allow write ./none` grants nothing"));
}

// Runs `check` as a user who is not root and owns nothing of the tree; true when it says so.
bool as_nobody(const std::function<bool()>& check) {
  constexpr uid_t kNobody = 65534;
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const bool changed = geteuid() != 0 || (setgid(kNobody) == 0 && setuid(kNobody) == 0);
    _exit(changed && check() ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return status == 0;
}

TEST_CASE("R12: a directory that cannot be listed is denied but for what rules name in it" *
          doctest::skip(geteuid() != 0)) {
  const Case c;
  c.tree.file("w/dark/project/file");
  c.tree.file("w/dark/a.key");
  c.tree.file("w/closed/a.key");
  REQUIRE(chmod(c.path("dark").c_str(), 0711) == 0);
  REQUIRE(chmod(c.path("closed").c_str(), 0700) == 0);
  const std::string cwd = c.path("dark/project");
  const test::PolicyBundle made("allow write .\ndeny read " + c.path("dark/*.key") + ", " +
                                c.path("closed/*.key"));
  CHECK(as_nobody([&] {
    const Result<MountPlan> plan = make_mount_plan(made.bundle, made.anchors(cwd), cwd);
    return plan && kind_at(*plan, c.path("dark")) == Kind::sealed_directory &&
           kind_at(*plan, cwd) == Kind::read_write && has_note(*plan, "cannot be listed") &&
           !kind_at(*plan, c.path("closed"));  // nothing there can be reached anyway
  }));
  // A caller who can list it judges each name.
  const MountPlan plan = make_mount_plan(made.bundle, made.anchors(cwd), cwd).value();
  CHECK(kind_at(plan, c.path("dark/a.key")) == Kind::hidden_file);
  CHECK_FALSE(kind_at(plan, c.path("dark")));
}

TEST_CASE("anchors inside one another, equal, and the root directory") {
  const Case c;
  c.tree.file("w/p/.ssh/key");
  const test::PolicyBundle made("allow write .\ndeny read ~/.ssh");
  const auto plan = [&](const std::string& cwd, const std::string& home) {
    return make_mount_plan(made.bundle, made.anchors(cwd, home), cwd.empty() ? "/" : cwd).value();
  };
  const std::string home = c.path("p");
  for (const std::string& cwd : {c.tree / "w", home}) {
    const MountPlan made_here = plan(cwd, home);
    CHECK(kind_at(made_here, cwd) == Kind::read_write);
    CHECK(kind_at(made_here, home + "/.ssh") == Kind::hidden_directory);
  }
  const MountPlan from_root = plan("", home);
  CHECK(from_root.mounts[0].kind == Kind::read_write);
  CHECK(kind_at(from_root, home + "/.ssh") == Kind::hidden_directory);
  CHECK(kind_at(from_root, home) == Kind::pin);
}

}  // namespace
}  // namespace srt
