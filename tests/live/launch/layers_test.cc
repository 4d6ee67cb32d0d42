// Mounts and Landlock, each with the other switched off: by a plan that allows everything.

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "runtime/base/landlock.h"
#include "tests/live/launch/sandbox.h"

namespace srt::live {
namespace {

using Kind = Mount::Kind;

long landlock_abi() {
  return syscall(SYS_landlock_create_ruleset, nullptr, 0, landlock::kGetVersion);
}

const MountPlan kEverything = {{{Kind::read_write, "/", true}}, {}};

/// A place to read in, one to write in and one that is hidden in it.
struct Layers {
  explicit Layers(uid_t user) : scratch(user) {
    read = scratch.directory("read");
    write = scratch.directory("write");
    hidden = scratch.directory("write/hidden");
    scratch.file("read/file", "text\n");
    scratch.file("write/hidden/secret", "secret\n");
    check(mkfifo((read + "/fifo").c_str(), 0666) == 0 && chmod((read + "/fifo").c_str(), 0666) == 0,
          "mkfifo");
    plan.mounts = {{Kind::read_only, "/", true},
                   {Kind::read_write, write, true},
                   {Kind::hidden_directory, hidden, true}};
  }

  /// What each attempt of a command came to, a word for each that was done.
  std::string done(uid_t user, const MountPlan& mounts, const MountPlan& landlock) const {
    LaunchSpec spec = script_spec(
        "t() { name=$1; shift; \"$@\" >/dev/null 2>&1 && printf '%s ' $name; }\n"
        "t read cat read/file; t list ls read; t run /bin/true\n"
        "t fifo dd if=/dev/null of=read/fifo oflag=nonblock conv=notrunc,nocreat\n"
        "t create touch read/new; t remove rm read/new; t change sh -c 'echo >>read/file'\n"
        "t cut truncate -s 1 read/file; t make mkdir read/d; t unmake rmdir read/d\n"
        "t write sh -c 'echo >write/a'; t append sh -c 'echo >>write/a'; mkdir write/d\n"
        "t move mv write/a write/d/a; t link ln write/d/a write/b; t symlink ln -s b write/c\n"
        "t removes rm -r write/b write/c write/d; t devices sh -c 'echo >/dev/null'\n"
        "t shm touch /dev/shm/x; t self cat /proc/self/stat; t hidden cat write/hidden/secret\n"
        "true",
        scratch);
    spec.plan = mounts;
    spec.landlock_plan = landlock;
    const Ending ending = run({user, spec});
    CHECK_MESSAGE(ending.status == 0, ending.err);
    return ending.out;
  }

  Scratch scratch;
  std::string read;
  std::string write;
  std::string hidden;
  MountPlan plan;
};

constexpr const char* kReads = "read list run ";
constexpr const char* kWrites = "write append move link symlink removes devices shm self ";

TEST_CASE("R16, R17: the mounts alone hide and protect, all but fifos in read-only places") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Layers layers(user);
    const std::string done = layers.done(user, layers.plan, kEverything);
    // Nobody reads: to open it is ENXIO, or done where the layer lets it.
    CHECK(done == std::string(kReads) + kWrites);
  }
}

TEST_CASE("Landlock alone protects what is not to be written, and hides nothing in such a place") {
  if (landlock_abi() < 3) {
    MESSAGE("not run: Landlock has ABI ", landlock_abi());
    return;
  }
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Layers layers(user);
    CHECK(layers.done(user, kEverything, layers.plan) == std::string(kReads) + kWrites + "hidden ");
  }
}

TEST_CASE("without either layer everything is done") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Layers layers(user);
    CHECK(layers.done(user, kEverything, kEverything) ==
          std::string(kReads) + "create remove change cut make unmake " + kWrites + "hidden ");
  }
}

TEST_CASE("R17: a fifo in a read-only place is not written to, where the kernel has Landlock") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Layers layers(user);
    const auto attempt = [&](const MountPlan& landlock) {
      // A reader that takes nothing: opening for both needs none.
      LaunchSpec spec = script_spec("exec 3<>read/fifo && echo opened", layers.scratch);
      spec.plan = layers.plan;
      spec.landlock_plan = landlock;
      return run({user, spec}).out;
    };
    CHECK(attempt(kEverything) == "opened\n");
    CHECK(attempt(layers.plan) == (landlock_abi() < 2 ? "opened\n" : ""));
  }
}

TEST_CASE(
    "a sealed root is listed, and nothing but what is re-opened is read by Landlock's rules") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Layers layers(user);
    LaunchSpec spec = script_spec(
        "ls / >/dev/null && echo listed; cat read/file; cat /etc/passwd >/dev/null 2>&1 && echo "
        "other; true",
        layers.scratch);
    spec.landlock_plan = MountPlan{{{Kind::sealed_directory, "/", true},
                                    {Kind::read_only, "/usr", true},
                                    {Kind::read_only, "/bin", true},
                                    {Kind::read_only, "/lib", true},
                                    {Kind::read_only, layers.read, true}},
                                   {}};
    CHECK(run({user, spec}).out ==
          (landlock_abi() < 2 ? "listed\ntext\nother\n" : "listed\ntext\n"));
  }
}

}  // namespace
}  // namespace srt::live
