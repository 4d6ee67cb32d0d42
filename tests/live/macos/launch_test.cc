#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tests/live/macos/mac.h"

namespace srt::live {
namespace {

TEST_CASE("the launch hands sandbox-exec a profile, its values and the command's file") {
  Mac mac;
  const Account& account = mac.account();
  const Ending ending = mac.run_under("allow write .\ndeny read ~/.ssh", "echo $0 $1; exit 7");
  CHECK_MESSAGE(ending.status == 7, ending.err);
  CHECK(ending.err.empty());
  const std::string log = mac.log();
  CHECK(log.starts_with("sandbox-exec\n-f\n" + account.home() + "/.cache/srt/runs/"));
  CHECK(contains(log, "/profile.sb\n-D\n"));
  const std::vector<std::string> values = {"HOME=" + account.home(), "CWD=" + account.project(),
                                           "SRT_CACHE=" + account.home() + "/.cache/srt",
                                           "SRT_BUNDLE=" + (account / "policy.srtb")};
  for (const std::string& value : values) {
    CAPTURE(value);
    CHECK(contains(log, "-D\n" + value + "\n"));
  }
  CHECK_FALSE(contains(log, "PROXY_PORT"));
  CHECK(contains(log, "\n--\n/usr/bin/sh\n-c\n"));
}

TEST_CASE("the profile in force decides as the policy does") {
  Mac mac;
  const Account& account = mac.account();
  const std::string secret = account.home() + "/.ssh/id";
  const std::string made = account.project() + "/x";
  mac.ask("file-read* path " + secret + "\nfile-write* path " + made + "\nfile-write* path " +
          account.home() + "/x\nfile-write* path " + account.home() +
          "/.cache/srt/runs/a/profile.sb\nfile-write* path " + (account / "policy.srtb") +
          "\nremote-ip remote-ip localhost:1\n");
  mac.run_under("allow write .., .\ndeny read ~/.ssh\ndeny write ~", ":");
  const std::string log = mac.log();
  CHECK(contains(log, "deny file-read* path " + secret));
  CHECK(contains(log, "allow file-write* path " + made));
  CHECK(contains(log, "deny file-write* path " + account.home() + "/x"));
  CHECK(contains(log, "/profile.sb"));
  CHECK_FALSE(contains(log, "allow file-write* path " + account.home()));
  CHECK(contains(log, "deny file-write* path " + (account / "policy.srtb")));
}

TEST_CASE("values are the directories that links lead to, whichever way they are named") {
  Mac mac;
  Account& account = mac.account();
  check(symlink("home", (account / "link").c_str()) == 0, "symlink");
  account.set("HOME", account / "link");
  account.directory("home/.ssh");
  CHECK(mac.run_under("deny read ~/.ssh", ":").status == 0);
  CHECK(contains(mac.log(), "\nHOME=" + account.home() + "\n"));
}

TEST_CASE(
    "R52: the status is the command's, 126 and 127 where it does not start, 128+N by signal") {
  Mac mac;
  const Account& account = mac.account();
  account.file("project/plain", "text");
  account.file("project/denied", "#!/bin/sh\n", 0755);
  const std::string bundle = mac.compile("deny read ./denied");
  const auto status = [&](std::vector<std::string> command) {
    command.insert(command.begin(), {bundle, "--"});
    const Ending ending = mac.run(command);
    CAPTURE(ending.err);
    CHECK(ending.err.empty() == (ending.status != 126 && ending.status != 127));
    return ending.status;
  };
  CHECK(status({"true"}) == 0);
  CHECK(status({"sh", "-c", "exit 255"}) == 255);
  CHECK(status({"sh", "-c", "kill -TERM $$"}) == 143);
  CHECK(status({"sh", "-c", "kill -SEGV $$"}) == 139);
  CHECK(status({"./plain"}) == 126);
  CHECK(status({account.project()}) == 126);
  CHECK(status({"./denied"}) == 126);
  CHECK(status({"no-such-command"}) == 127);
  CHECK(status({"./no-such-command"}) == 127);
  CHECK(mac.files_of_runs() == 0);
}

TEST_CASE("where the rules differ by platform, sandbox-exec alone knows what may be executed") {
  Mac mac;
  mac.account().file("project/denied", "#!/bin/sh\necho ran\n", 0755);
  const Ending ending = mac.run({mac.compile("on macos { deny read ./denied }"), "./denied"});
  CHECK(ending.status == 71);
  CHECK(ending.out.empty());
  CHECK(ending.err.starts_with("sandbox-exec: execvp() of '"));
}

TEST_CASE("R27: what cannot be set up ends the launch, and the command does not run") {
  Mac mac;
  Account& account = mac.account();
  const auto refusal = [&](const std::string& bundle) {
    const Ending ending = mac.run({bundle, "sh", "-c", "echo ran"});
    CHECK(ending.status == 125);
    CHECK(ending.out.empty());
    CHECK(is_one_line(ending.err));
    return ending.err;
  };
  CHECK(contains(refusal(account.compile("allow write .")), "compiled for Linux alone"));
  const std::string bundle = mac.compile("allow write .");
  account.set("HOME", "relative");
  account.unset("XDG_CACHE_HOME");
  CHECK(contains(refusal(bundle), "place"));
  account.set("HOME", account.home());
  account.set("XDG_CACHE_HOME", account / "open");
  account.directory("open");
  check(chmod((account / "open").c_str(), 0777) == 0, "chmod");
  CHECK(contains(refusal(bundle), "not yours alone to write"));
}

TEST_CASE("R33: the command has no other descriptors than the first three") {
  Mac mac;
  mac.account().before_each([] {
    for (const int number : {3, 9, 1000}) check(dup2(2, number) == number, "dup2");
  });
  const Ending ending = mac.run_under("allow write .", "ls /proc/self/fd");
  CHECK(ending.out == "0\n1\n2\n3\n");  // 3 is the listing's own
}

TEST_CASE("where no rule lets the command write to the caller's, it has a TMPDIR of its own") {
  Mac mac;
  const Account& account = mac.account();
  const std::string print = "echo $TMPDIR; test -d $TMPDIR && ls -ld $TMPDIR | cut -c 1-10";
  const Ending own = mac.run_under("allow write .", print);
  CHECK(own.out.starts_with(account / "tmp/srt-tmp-"));
  CHECK(contains(own.out, "drwx------"));
  CHECK(contains(mac.log(), "TMPDIR=" + own.out.substr(0, own.out.find('\n'))));
  const Ending filled =
      mac.run_under("allow write .", "mkdir -p $TMPDIR/a/b; ln -s / $TMPDIR/a/b/c");
  CHECK(filled.status == 0);
  CHECK(mac.private_directories() == 0);
  const Ending shared = mac.run_under("allow write ../tmp", print);
  CHECK(shared.out.starts_with((account / "tmp") + "\n"));
  // A rule for one platform alone leaves open what holds here: a directory of its own is right
  // whatever that is.
  const Ending unknown = mac.run_under("on linux { allow write ../tmp }", print);
  CHECK(unknown.out.starts_with(account / "tmp/srt-tmp-"));
}

TEST_CASE("the environment is the policy's, its rules for macOS alone included") {
  Mac mac;
  const Ending ending = mac.run_under(
      "set env A = \"1\"\non macos { set env B = \"mac\" }\non linux { set env B = \"linux\" }",
      "echo $A $B ${HTTPS_PROXY-none}");
  CHECK_MESSAGE(ending.out == "1 mac none\n", ending.err);
}

TEST_CASE("a denied variable is not in the environment, which a profile alone could not keep") {
  Mac mac;
  mac.account().set("MY_TOKEN", "secret");
  const std::string policy = "deny env *_TOKEN\n";
  CHECK(mac.run_under(policy, "echo ${MY_TOKEN-none}").out == "none\n");
  const std::string source = mac.account().file("policy.srt", policy);
  const Ending alone = mac.account().run({"srtc", source, "-o", mac.account() / "policy.sb"});
  CHECK(alone.status == 1);
  CHECK(contains(alone.err, "[profile-alone]"));
}

TEST_CASE("a dry run shows the launch and leaves nothing") {
  Mac mac;
  const std::string bundle = mac.compile("allow connect example.com:443");
  const Ending ending = mac.run({"--dry-run", bundle, "echo", "a b"});
  CHECK(ending.status == 0);
  CHECK(contains(ending.out, "sandbox-exec\n-f PROFILE\n-D "));
  CHECK(contains(ending.out, "\n-D PROXY_PORT=PORT\n-- /usr/bin/echo 'a b'\n"));
  CHECK(contains(ending.out, "\nHTTPS_PROXY=http://srt:TOKEN@127.0.0.1:PORT\n"));
  CHECK(contains(ending.out, "\n[profile]\n(version 1)\n"));
  CHECK(mac.private_directories() == 0);
}

TEST_CASE("the doctor tells whether all is there that a launch needs") {
  Mac mac;
  const Ending ending = mac.run({"--doctor"});
  for (const char* fact : {"sandbox-exec", "profiles        can be kept", "proxy           can"}) {
    CAPTURE(fact);
    CHECK(contains(ending.out, fact));
  }
  // Only root's program is one that nobody can have changed.
  CHECK((ending.status == 0) == (geteuid() == 0));
  mac.account().set("HOME", "relative");
  const Ending homeless = mac.run({"--doctor"});
  CHECK(homeless.status == 125);
  CHECK(contains(homeless.out, "there is no place for the profile"));
}

TEST_CASE("what is only there on Linux says so") {
  Mac mac;
  const Ending ending = mac.run({"--selftest", mac.compile("allow write .")});
  CHECK(ending.status == 125);
  CHECK(contains(ending.err, "`--selftest` is not there on macOS"));
}

}  // namespace
}  // namespace srt::live
