#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <iterator>
#include <string>

#include "tests/live/launch/sandbox.h"

namespace srt::live {
namespace {

using Kind = Mount::Kind;

/// Runs a launch whose command would leave a file behind, and checks that it was refused.
Ending run_refused(Launcher launcher, const Scratch& scratch) {
  launcher.spec.command = {"touch", scratch / "ran"};
  const Ending ending = run(launcher);
  CHECK(ending.status == 125);
  CHECK_FALSE(exists(scratch / "ran"));
  return ending;
}

void write_file(const char* path, const std::string& text) {
  const UniqueFd fd(open(path, O_WRONLY | O_CLOEXEC));
  if (!fd || write(fd.get(), text.data(), text.size()) < 0) _exit(97);
}

/// Makes clone(2) of a user namespace fail with EPERM, as container engines' filters do.
void forbid_user_namespaces() {
  const sock_filter instructions[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[0])),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_NEWUSER, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program = {.len = std::size(instructions),
                              .filter = const_cast<sock_filter*>(instructions)};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    _exit(97);
  }
}

TEST_CASE("R27: where a container forbids user namespaces nothing runs and the error says so") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    Launcher launcher = {user, basic_spec({}, scratch)};
    launcher.before = forbid_user_namespaces;
    CHECK(run_refused(launcher, scratch).err ==
          "cannot create a user namespace: Operation not permitted (inside a container, start that "
          "with a seccomp profile that allows `clone` and `unshare`)\n");
  }
}

TEST_CASE("R27: where user namespaces are switched off the error names the setting") {
  if (geteuid() != 0) {
    MESSAGE("not run: only root sees files of root in a user namespace of its own");
    return;
  }
  const Scratch scratch(0);
  Launcher launcher = {0, basic_spec({}, scratch)};
  launcher.before = [] {
    if (unshare(CLONE_NEWUSER) != 0) _exit(96);
    write_file("/proc/self/uid_map", "0 0 1");
    write_file("/proc/sys/user/max_user_namespaces", "0");
  };
  const Ending ending = run_refused(launcher, scratch);
  CHECK(ending.err.starts_with("cannot create a user namespace: "));
  CHECK(ending.err.find("`sysctl -w user.max_user_namespaces=15000`") != std::string::npos);
}

TEST_CASE("R27: a filter that the kernel refuses ends the launch") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    Launcher launcher = {user, basic_spec({}, scratch)};
    launcher.spec.filter = {0x0000'ffff'0000'ffffU};
    CHECK(run_refused(launcher, scratch).err.starts_with("the kernel refuses the seccomp filter"));
    launcher.spec.filter.clear();
    CHECK(run_refused(launcher, scratch).err.starts_with("a seccomp filter has 1 to 4096"));
    launcher.spec.filter.assign(4097, 0);
    CHECK(run_refused(launcher, scratch).err.starts_with("a seccomp filter has 1 to 4096"));
  }
}

TEST_CASE("R8: a working directory that is not there, or hidden, ends the launch") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    Launcher launcher = {user, basic_spec({}, scratch)};
    launcher.spec.working_directory = scratch / "missing";
    CHECK(run_refused(launcher, scratch)
              .err.starts_with("bubblewrap failed: Can't chdir to " + (scratch / "missing")));
    launcher.spec.working_directory = scratch.directory("hidden");
    launcher.spec.plan.mounts.push_back({Kind::hidden_directory, scratch / "hidden", true});
    CHECK(run_refused(launcher, scratch).err.find("Permission denied") != std::string::npos);
    launcher.spec.working_directory = "relative";
    CHECK(run_refused(launcher, scratch).err.find("not an absolute path") != std::string::npos);
  }
}

TEST_CASE("R36: a mount point that is not there is never made on the host") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    for (const Kind kind : {Kind::hidden_directory, Kind::hidden_file, Kind::read_only}) {
      Launcher launcher = {user, basic_spec({}, scratch)};
      const bool directory = kind == Kind::hidden_directory;
      launcher.spec.plan.mounts.push_back({kind, scratch / "missing", directory});
      CHECK(run_refused(launcher, scratch).err.starts_with("cannot mount on `"));
      CHECK_FALSE(exists(scratch / "missing"));
    }
  }
}

TEST_CASE("R56: a symbolic link at or above a mount point ends the launch") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    scratch.directory("real");
    scratch.file("real/file", "text");
    REQUIRE(symlink("real", (scratch / "link").c_str()) == 0);
    REQUIRE(symlink("/oldroot/etc", (scratch / "planted").c_str()) == 0);
    for (const char* name : {"link", "planted", "link/file"}) {
      CAPTURE(name);
      Launcher launcher = {user, basic_spec({}, scratch)};
      const bool directory = std::string(name) != "link/file";
      const Kind kind = directory ? Kind::hidden_directory : Kind::hidden_file;
      launcher.spec.plan.mounts.push_back({kind, scratch / name, directory});
      CHECK(run_refused(launcher, scratch).err.starts_with("cannot mount on `"));
    }
  }
}

TEST_CASE("R56: a mount that is not seen from inside ends the launch") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    const std::string file = scratch.file("secret", "password");
    Launcher launcher = {user, basic_spec({}, scratch)};
    // Parents last: the second mount covers the first.
    launcher.spec.plan.mounts = {{Kind::read_only, "/", true},
                                 {Kind::hidden_file, file, false},
                                 {Kind::read_write, scratch.path(), true}};
    const std::string err = run_refused(launcher, scratch).err;
    CAPTURE(err);
    CHECK(err.starts_with("the mount at `" + file + "` was lost"));
  }
}

TEST_CASE("a plan that bubblewrap cannot take is refused before anything starts") {
  const uid_t user = users().back();
  const Scratch scratch(user);
  Launcher launcher = {user, basic_spec({}, scratch)};
  for (int i = 0; i < 3001; ++i) {
    launcher.spec.plan.mounts.push_back({Kind::read_only, "/usr/" + std::to_string(i), true});
  }
  launcher.serve = [](asio::io_context&, SandboxNetwork) { _exit(95); };
  CHECK(run_refused(launcher, scratch).err.starts_with("the mount plan needs "));
}

TEST_CASE("what no execve could take is refused") {
  const uid_t user = users().back();
  const Scratch scratch(user);
  LaunchSpec spec = basic_spec({"true", std::string("a\0b", 3)}, scratch);
  CHECK(run({user, spec}).err.starts_with("an argument of the command holds a NUL byte"));
  spec = basic_spec({"true"}, scratch);
  spec.environment.emplace_back("A=B", "c");
  CHECK(run({user, spec}).err.starts_with("`A=B` cannot be the name of an environment variable"));
  spec = basic_spec({}, scratch);
  CHECK(run({user, spec}).err.starts_with("no command was given"));
  spec = basic_spec({"true"}, scratch);
  for (const std::string& path : {scratch / "tmp", "/dev/.." + (scratch / "tmp")}) {
    spec.private_tmp = path;
    CHECK(run({user, spec}).err.find("is not beneath `/dev`") != std::string::npos);
    CHECK_FALSE(exists(scratch / "tmp"));
  }
}

}  // namespace
}  // namespace srt::live
