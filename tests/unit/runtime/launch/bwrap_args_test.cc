#include "runtime/launch/bwrap_args.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace srt {
namespace {

using Kind = Mount::Kind;
using Words = std::vector<std::string>;

constexpr int kDataFd = 20;

BwrapArgs render(const MountPlan& plan, const HostView& host = {}) {
  Result<BwrapArgs> args = bwrap_args(plan, host, "/work", kDataFd, false);
  REQUIRE(args);
  return *std::move(args);
}

/// Where `part` occurs in `whole`, npos when it does not.
constexpr std::size_t npos = static_cast<std::size_t>(-1);
std::size_t find(const Words& whole, const Words& part) {
  const auto found = std::ranges::search(whole, part);
  return found.empty() ? npos : static_cast<std::size_t>(found.begin() - whole.begin());
}

TEST_CASE("every launch unshares, drops and nests the same") {
  const Words words = render({{{Kind::read_only, "/", true}}, {}}, {{}, {"/proc/sys"}, {}}).words;
  const Words expected = {"--unshare-user",
                          "--unshare-ipc",
                          "--unshare-uts",
                          "--unshare-pid",
                          "--cap-drop",
                          "ALL",
                          "--as-pid-1",
                          "--die-with-parent",
                          "--disable-userns",
                          "--ro-bind",
                          "/",
                          "/",
                          "--proc",
                          "/proc",
                          "--dev",
                          "/dev",
                          "--ro-bind",
                          "/proc/sys",
                          "/proc/sys",
                          "--chdir",
                          "/work"};
  CHECK(words == expected);
}

TEST_CASE("each kind of mount has its rendering, in the plan's order") {
  const MountPlan plan = {{{Kind::read_write, "/", true},
                           {Kind::pin, "/a", true},
                           {Kind::read_only, "/a/b", true},
                           {Kind::read_write, "/a/b/c", false},
                           {Kind::hidden_file, "/a/f", false},
                           {Kind::hidden_directory, "/a/h", true},
                           {Kind::hidden_file, "/a/z", false}},
                          {}};
  const BwrapArgs args = render(plan);
  const Words expected = {
      "--bind",  "/a",     "/a",           "--ro-bind", "/a/b",           "/a/b", "--bind",
      "/a/b/c",  "/a/b/c", "--perms",      "0000",      "--ro-bind-data", "20",   "/a/f",
      "--perms", "0000",   "--tmpfs",      "/a/h",      "--perms",        "0000", "--ro-bind-data",
      "21",      "/a/z",   "--remount-ro", "/a/h"};
  CHECK(find(args.words, expected) != npos);
  CHECK(find(args.words, {"--bind", "/", "/"}) != npos);
  CHECK(args.hidden_files == 2);
}

TEST_CASE("what lies between a sealed directory and a mount beneath it is sealed too") {
  const MountPlan plan = {{{Kind::read_only, "/", true},
                           {Kind::sealed_directory, "/home", true},
                           {Kind::read_write, "/home/u/x/project", true},
                           {Kind::read_only, "/home/u/x/tool", false},
                           {Kind::read_only, "/home/u/x/project/deep/er", true}},
                          {}};
  const Words words = render(plan).words;
  CHECK(find(words, {"--perms",
                     "0111",
                     "--tmpfs",
                     "/home",
                     "--perms",
                     "0111",
                     "--dir",
                     "/home/u",
                     "--perms",
                     "0111",
                     "--dir",
                     "/home/u/x",
                     "--bind",
                     "/home/u/x/project",
                     "/home/u/x/project",
                     "--ro-bind",
                     "/home/u/x/tool",
                     "/home/u/x/tool",
                     "--ro-bind",
                     "/home/u/x/project/deep/er",
                     "/home/u/x/project/deep/er",
                     "--remount-ro",
                     "/home"}) != npos);
}

TEST_CASE("no directory is asked for on the host") {
  const MountPlan plan = {{{Kind::read_only, "/", true},
                           {Kind::read_write, "/srv/a/b", true},
                           {Kind::hidden_directory, "/srv/a/b/c/d", true}},
                          {}};
  CHECK(find(render(plan).words, {"--dir"}) == npos);
}

TEST_CASE("a sealed root can be listed, keeps /proc and /dev, and has the host's links") {
  const MountPlan plan = {{{Kind::sealed_directory, "/", true}, {Kind::read_only, "/usr", true}},
                          {}};
  const HostView host = {{}, {"/proc/sys"}, {{"/bin", "usr/bin"}}};
  CHECK(find(render(plan, host).words,
             {"--perms", "0555", "--tmpfs", "/", "--proc", "/proc", "--dev", "/dev", "--ro-bind",
              "/proc/sys", "/proc/sys", "--symlink", "usr/bin", "/bin", "--ro-bind", "/usr", "/usr",
              "--remount-ro", "/"}) != npos);
  const MountPlan open = {{{Kind::read_only, "/", true}}, {}};
  CHECK(find(render(open, host).words, {"--symlink"}) == npos);
}

TEST_CASE("files of /proc are hidden before the plan's mounts take descriptors") {
  const MountPlan plan = {{{Kind::read_only, "/", true}, {Kind::hidden_file, "/secret", false}},
                          {}};
  const BwrapArgs args = render(plan, {{"/proc/kcore", "/proc/keys"}, {}, {}});
  CHECK(find(args.words, {"--perms", "0000", "--ro-bind-data", "20", "/proc/kcore", "--perms",
                          "0000", "--ro-bind-data", "21", "/proc/keys", "--perms", "0000",
                          "--ro-bind-data", "22", "/secret"}) != npos);
  CHECK(args.hidden_files == 3);
}

TEST_CASE("of two mounts on one path the later one is made, at its own place") {
  const MountPlan plan = {{{Kind::read_only, "/", true},
                           {Kind::sealed_directory, "/a", true},
                           {Kind::read_only, "/b", true},
                           {Kind::read_write, "/a", true}},
                          {}};
  const Words words = render(plan).words;
  CHECK(find(words, {"--ro-bind", "/b", "/b", "--bind", "/a", "/a"}) != npos);
  CHECK(find(words, {"--tmpfs"}) == npos);
  CHECK(find(words, {"--remount-ro"}) == npos);
}

TEST_CASE("grants in /proc and /dev are left out, for they are the sandbox's own; denials stay") {
  const MountPlan plan = {{{Kind::read_only, "/", true},
                           {Kind::read_only, "/dev", true},
                           {Kind::read_write, "/dev/shm", true},
                           {Kind::sealed_directory, "/proc", true},
                           {Kind::hidden_directory, "/dev/mqueue", true},
                           {Kind::read_write, "/device", true}},
                          {}};
  const std::vector<const Mount*> mounts = effective_mounts(plan);
  Words paths;
  for (const Mount* mount : mounts) paths.push_back(mount->path);
  CHECK(paths == Words{"/", "/dev/mqueue", "/device"});
}

TEST_CASE("a plan that does not begin with the root is refused") {
  CHECK(bwrap_args({}, {}, "/", kDataFd, false).error().message ==
        "the mount plan does not begin with `/`");
  const MountPlan plan = {{{Kind::read_only, "/usr", true}, {Kind::read_only, "/", true}}, {}};
  CHECK_FALSE(bwrap_args(plan, {}, "/", kDataFd, false));
}

MountPlan plan_with_binds(std::size_t count) {
  MountPlan plan = {{{Kind::read_only, "/", true}}, {}};
  for (std::size_t i = 0; i < count; ++i) {
    plan.mounts.push_back({Kind::read_only, "/" + std::to_string(i), true});
  }
  return plan;
}

TEST_CASE("bubblewrap's limit on the number of arguments is met or the plan refused") {
  const std::size_t fixed = render(plan_with_binds(0)).words.size();
  const std::size_t fitting = (8990 - fixed) / 3;
  CHECK(bwrap_args(plan_with_binds(fitting), {}, "/work", kDataFd, false));
  const Result<BwrapArgs> beyond =
      bwrap_args(plan_with_binds(fitting + 1), {}, "/work", kDataFd, false);
  REQUIRE_FALSE(beyond);
  CHECK(beyond.error().message.starts_with("the mount plan needs "));
  CHECK_FALSE(beyond.error().help.empty());
}

TEST_CASE("the limit on the length of an argument is met or the plan refused") {
  const auto plan_with_path = [](std::size_t bytes) {
    return MountPlan{
        {{Kind::read_only, "/", true}, {Kind::read_only, "/" + std::string(bytes - 1, 'x'), true}},
        {}};
  };
  CHECK(bwrap_args(plan_with_path(128 * 1024 - 1), {}, "/work", kDataFd, false));
  CHECK_FALSE(bwrap_args(plan_with_path(128 * 1024), {}, "/work", kDataFd, false));
}

}  // namespace
}  // namespace srt
