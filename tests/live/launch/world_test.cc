#include <doctest/doctest.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tests/live/launch/sandbox.h"

namespace srt::live {
namespace {

TEST_CASE("R33: no descriptor above 2 reaches the command, number 2000 included") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    Launcher launcher = {user, basic_spec({"ls", "/proc/self/fd"}, scratch)};
    launcher.before = [] {
      rlimit limit;
      getrlimit(RLIMIT_NOFILE, &limit);
      limit.rlim_cur = 4096;
      setrlimit(RLIMIT_NOFILE, &limit);
      for (const int number : {3, 9, 100, 2000}) dup2(0, number);
    };
    // 3 is the directory that `ls` itself reads.
    CHECK(run(launcher).out == "0\n1\n2\n3\n");
  }
}

TEST_CASE("a closed standard input is an empty one, a pipe is passed on") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    Launcher closed = {user, basic_spec({"cat"}, scratch)};
    closed.before = [] { close(0); };
    const Ending ending = run(closed);
    CHECK(ending.status == 0);
    CHECK(ending.out.empty());

    int ends[2];
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    REQUIRE(write(ends[1], "hello\n", 6) == 6);
    close(ends[1]);
    CHECK(run({user, basic_spec({"cat"}, scratch), ends[0]}).out == "hello\n");
    close(ends[0]);
  }
}

TEST_CASE("the environment is exactly what was asked for") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    LaunchSpec spec = basic_spec({"/usr/bin/env"}, scratch);
    spec.environment = {{"B", "2"}, {"A", "one=1 two"}, {"EMPTY", ""}};
    CHECK(run({user, spec}).out == "B=2\nA=one=1 two\nEMPTY=\n");
  }
}

TEST_CASE("arguments arrive as they are, and so do the user and the working directory") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    const LaunchSpec spec = basic_spec(
        {"sh", "-c", "printf '[%s]' \"$@\"; id -u; pwd", "sh", "", "a b", "--", "*"}, scratch);
    CHECK(run({user, spec}).out ==
          "[][a b][--][*]" + std::to_string(user) + "\n" + scratch.path() + "\n");
  }
}

TEST_CASE("R37: the command has no capability, no way to new privileges and its one filter") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    const Ending ending = run(
        {user, basic_spec({"grep", "-E", "^(Cap|NoNewPrivs|Seccomp_filters)", "/proc/self/status"},
                          scratch)});
    CHECK(ending.out ==
          "CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n"
          "CapBnd:\t0000000000000000\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\n"
          "Seccomp_filters:\t1\n");
  }
}

TEST_CASE("no further user namespace can be made") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    CHECK(run({user, basic_spec({"unshare", "-U", "true"}, scratch)}).status == 1);
  }
}

TEST_CASE("a root caller's supplementary groups do not reach the command") {
  if (geteuid() != 0) {
    MESSAGE("not run: only root can give itself a group to lose");
    return;
  }
  const Scratch scratch(0);
  Launcher launcher = {0, basic_spec({"id", "-G"}, scratch)};
  launcher.before = [] {
    const gid_t groups[] = {0, 4, 27};
    setgroups(3, groups);
  };
  CHECK(run(launcher).out == "0\n");
}

TEST_CASE("R55: no sysctl and no other file of /proc that governs the machine opens for writing") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    // Pressure files take a caller's own triggers and change nothing.
    const Ending ending = run(
        {user,
         script_spec("find /proc -path '/proc/[0-9]*' -prune -o -path /proc/pressure -prune -o "
                     "-type f -writable -print 2>/dev/null; for f in /proc/sys/kernel/core_pattern "
                     "/proc/sys/vm/drop_caches /proc/sys/net/ipv4/ip_forward; do (echo 1 >$f) "
                     "2>/dev/null && echo $f; done; true",
                     scratch)});
    CHECK(ending.out == "");
    CHECK(run({user, script_spec("[ ! -e /proc/kcore ] || head -c1 /proc/kcore", scratch)}).out ==
          "");
  }
}

TEST_CASE("R59: process 1 shows the command nothing and cannot be traced") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    const Ending ending =
        run({user, script_spec("cat /proc/1/comm; for f in mem environ maps auxv; do "
                               "(exec 3</proc/1/$f && head -c1 <&3) 2>/dev/null && echo "
                               "$f; done; (echo > /proc/1/mem) 2>/dev/null && echo w; "
                               "readlink /proc/1/exe; readlink /proc/1/fd/*; ls "
                               "/proc/1/root/ 2>/dev/null; kill -KILL 1; kill -TERM 1; "
                               "kill -STOP 1; exit 6",
                               scratch)});
    CHECK(ending.status == 6);
    CHECK(ending.out == "srt-stage\n");
  }
}

TEST_CASE("R59: ptrace and pidfd_getfd of process 1 are refused") {
  if (access("/usr/bin/python3", X_OK) != 0) {
    MESSAGE("not run: python3 is not installed");
    return;
  }
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    const char* script =
        "import ctypes, errno\n"
        "c = ctypes.CDLL(None, use_errno=True)\n"
        "def call(*a):\n"
        "  r = c.syscall(*a)\n"
        "  return r if r >= 0 else errno.errorcode[ctypes.get_errno()]\n"
        "c.ptrace.restype = ctypes.c_long\n"
        "print(c.ptrace(16, 1, 0, 0), errno.errorcode[ctypes.get_errno()])\n"
        "fd = call(434, 1, 0)\n"
        "print([call(438, fd, n, 0) for n in (3, 4)])\n";
    CHECK(run({user, basic_spec({"/usr/bin/python3", "-c", script}, scratch)}).out ==
          "-1 EPERM\n['EPERM', 'EPERM']\n");
  }
}

TEST_CASE("R61: a command that is /proc/self/exe gets no further than the sandbox") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    CHECK(run({user, basic_spec({"/proc/self/exe"}, scratch)}).status == 125);
    const std::string script = scratch.file("script", "#!/proc/self/exe\n", 0755);
    CHECK(run({user, basic_spec({script}, scratch)}).status == 125);
  }
}

TEST_CASE("R57: a signal to the process group does not leave the sandbox") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    // The launcher ignores nothing that is sent here, so that it would show.
    const Ending ending =
        run({user,
             script_spec("trap '' TERM USR2; kill -TERM 0; kill -USR2 0; kill -KILL -1; "
                         "exit 8",
                         scratch),
             -1, [] { setpgid(0, 0); }});
    CHECK(ending.status == 8);
  }
}

}  // namespace
}  // namespace srt::live
