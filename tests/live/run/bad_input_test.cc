#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "runtime/base/unique_fd.h"
#include "tests/live/run/account.h"

namespace srt::live {
namespace {

/// Whether `ending` is a refusal of srt-run or srt: 125, one line that names the program, and
/// `part` in it.
void check_refused(const Ending& ending, const std::string& program, const std::string& part) {
  CAPTURE(ending.err);
  CHECK(ending.status == 125);
  CHECK(is_one_line(ending.err));
  CHECK(ending.err.starts_with(program + ": "));
  CHECK(contains(ending.err, part));
  CHECK(ending.out.empty());
}

/// The command line that would leave a file behind.
std::vector<std::string> command_under(const std::string& bundle) {
  return {"srt-run", bundle, "touch", "ran"};
}

TEST_CASE("a wrong policy is refused with 1, at its place, and no output is written") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.file("project/p.srt", "allow wrote .\ndeny read **/.env\n");
    account.file("project/old.srtb", "old");
    const Ending ending = account.run({"srtc", "p.srt", "-o", "old.srtb", "-o", "new.sb"});
    CHECK(ending.status == 1);
    CHECK(contains(ending.err, "p.srt:1:7: error: "));
    CHECK(contains(ending.err, "p.srt:2:11: error: "));
    CHECK(contains(ending.err, "help: "));
    CHECK(content(account / "project/old.srtb") == "old");
    CHECK(account.run({"ls", "-A"}).out == "old.srtb\np.srt\n");
    const Ending run = account.run({"srtc", "run", "p.srt", "touch", "ran"});
    CHECK(run.status == 125);
    CHECK_FALSE(exists(account / "project/ran"));
  }
}

TEST_CASE("settings with an unknown key are refused by its name, with what was meant") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.file("project/s.json", R"({"filesystem": {"denyReed": ["~/.ssh"]}})");
    const Ending compiled = account.run({"srtc", "s.json", "-o", "s.srtb"});
    CHECK(compiled.status == 1);
    CHECK(contains(compiled.err, "s.json:1:17: error: there is no setting `filesystem.denyReed`"));
    CHECK(contains(compiled.err, "did you mean `filesystem.denyRead`?"));
    const Ending run = account.run({"srt", "-s", "s.json", "touch", "ran"});
    CHECK(run.status == 125);
    CHECK(contains(run.err, "`filesystem.denyReed`"));
    CHECK(account.run({"ls", "-A"}).out == "s.json\n");
  }
}

TEST_CASE("srtc says 2 for wrong usage and 3 for files that cannot be read or written") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.file("project/p.srt", "allow write .\n");
    const auto check_error = [&](const std::vector<std::string>& words, int status) {
      const Ending ending = account.run(words);
      CAPTURE(ending.err);
      CHECK(ending.status == status);
      CHECK(contains(ending.err, "srtc: "));
      CHECK(ending.out.empty());
    };
    check_error({"srtc", "p.srt"}, 2);
    check_error({"srtc", "p.srt", "-o", "out.txt"}, 2);
    check_error({"srtc", "p.srt", "--no-such-option"}, 2);
    check_error({"srtc", "missing.srt", "-o", "out.srtb"}, 3);
    check_error({"srtc", "p.srt", "-o", "no/such/out.srtb"}, 3);
    check_error({"srtc", "p.srt", "-o", "out.sb", "-o", "no/such/out.srtb"}, 3);
    CHECK(account.run({"ls", "-A"}).out == "p.srt\n");
  }
}

TEST_CASE("C26: a bundle with any byte changed, cut short or made longer does not run") {
  const Account account(users().back());
  const std::string bundle = account.compile("allow write .");
  const std::string bytes = content(bundle);
  REQUIRE(bytes.size() > 100);
  const auto check_damaged = [&](const std::string& damaged) {
    account.file("damaged.srtb", damaged);
    check_refused(account.run(command_under(account / "damaged.srtb")), "srt-run",
                  "damaged.srtb`: ");
  };
  // Every byte is tried where bundles are read; here a sample, through the program.
  for (std::size_t at = 0; at < bytes.size(); at += bytes.size() / 40) {
    CAPTURE(at);
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    check_damaged(damaged);
    check_damaged(bytes.substr(0, at));
  }
  check_damaged(bytes + '\0');
  check_damaged("{\"filesystem\": {}}");
  check_damaged("#!/bin/sh\n");
  CHECK_FALSE(exists(account / "project/ran"));
}

TEST_CASE("a bundle that is missing, unreadable or no file does not run") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    check_refused(account.run(command_under("missing.srtb")), "srt-run", "`missing.srtb`");
    check_refused(account.run(command_under(".")), "srt-run", "`.`");
    check_refused(account.run({"srt-run"}), "srt-run", "no bundle is given");
    check_refused(account.run({"srt-run", "x.srtb"}), "srt-run", "no command is given");
    check_refused(account.run({"srt-run", "--raport", "x", "y", "z"}), "srt-run", "`--raport`");
    CHECK_FALSE(exists(account / "project/ran"));
  }
}

TEST_CASE("a working directory that is gone ends the launch") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    const std::string bundle = account.compile("allow write .");
    account.before_each([&] {
      check(mkdir("gone", 0755) == 0 && chdir("gone") == 0 && rmdir("../gone") == 0, "gone");
    });
    check_refused(account.run(command_under(bundle)), "srt-run", "the working directory");
    check_refused(account.run({"srt", "true"}), "srt", "the working directory");
  }
}

TEST_CASE("a parameter that is unset, empty, relative or unknown ends the launch") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const std::string bundle =
        account.compile("param cache\nallow write ., ${cache}, ${env.SRT_TEST_DIR}");
    const auto refused = [&](std::vector<std::string> options, const std::string& part) {
      options.insert(options.begin(), "srt-run");
      options.insert(options.end(), {bundle, "touch", "ran"});
      check_refused(account.run(options), "srt-run", part);
    };
    refused({}, "`cache`");
    refused({"--param", "cache=/tmp"}, "SRT_TEST_DIR");
    refused({"--param", "cache="}, "`cache`");
    refused({"--param", "cache=tmp"}, "`cache`");
    refused({"--param", "cash=/tmp"}, "`cash`");
    refused({"--param", "cache"}, "`--param cache` has no value");
    CHECK_FALSE(exists(account / "project/ran"));
  }
}

TEST_CASE("a report that cannot be written ends the launch") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const std::string bundle = account.compile("allow write .");
    for (const char* report : {"no/such/report", "."}) {
      check_refused(account.run({"srt-run", "--report", report, bundle, "touch", "ran"}), "srt-run",
                    std::string("cannot write the report `") + report + "`");
    }
    CHECK_FALSE(exists(account / "project/ran"));
  }
}

void write_file(const char* path, const std::string& text) {
  const UniqueFd fd(open(path, O_WRONLY | O_CLOEXEC));
  check(fd && write(fd.get(), text.data(), text.size()) >= 0, path);
}

/// Makes this process one of `user`, who can mount in a user namespace of its own.
void enter_namespace(uid_t user) {
  become(user);
  const std::string uid = std::to_string(geteuid());
  const std::string gid = std::to_string(getegid());
  check(unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0, "unshare");
  write_file("/proc/self/setgroups", "deny");
  write_file("/proc/self/uid_map", uid + ' ' + uid + " 1");
  write_file("/proc/self/gid_map", gid + ' ' + gid + " 1");
}

TEST_CASE("R25, R27: without bubblewrap nothing runs, whatever PATH or the project holds") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    const std::string bundle = account.compile("allow write .");
    account.file("project/bwrap", "#!/bin/sh\ntouch ran\n", 0755);
    account.set("PATH", account.project() + ":" + programs() + ":/usr/bin:/bin");
    account.before_each([user] {
      enter_namespace(user);
      for (const char* path : {"/usr/bin/bwrap", "/bin/bwrap", "/usr/local/bin/bwrap"}) {
        if (access(path, F_OK) == 0) mount("/dev/null", path, nullptr, MS_BIND, nullptr);
      }
    });
    check_refused(account.run(command_under(bundle)), "srt-run",
                  "bubblewrap is not installed; install");
    check_refused(account.run({"srt", "touch", "ran"}), "srt-run", "apt-get install bubblewrap");
    CHECK_FALSE(exists(account / "project/ran"));
  }
}

TEST_CASE("R27: where user namespaces are switched off nothing runs and the setting is named") {
  if (geteuid() != 0) {
    MESSAGE("not run: only root sees files of root in a user namespace of its own");
    return;
  }
  Account account(0);
  const std::string bundle = account.compile("allow write .");
  account.before_each([] {
    enter_namespace(0);
    write_file("/proc/sys/user/max_user_namespaces", "0");
  });
  check_refused(account.run(command_under(bundle)), "srt-run",
                "sysctl -w user.max_user_namespaces=");
  CHECK_FALSE(exists(account / "project/ran"));
}

TEST_CASE("R27: --doctor says what holds here, and what is missing with how to mend it") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const Ending ending = account.run({"srt-run", "--doctor"});
    CHECK(ending.status == 0);
    CHECK(contains(ending.out, "\nbubblewrap  /"));
    CHECK(contains(ending.out, "\nlandlock    "));
    CHECK(contains(ending.out, "\nlaunch      works: "));
    CHECK(contains(ending.out, "\ncaller      root: ") == (user == 0));
    const std::string bundle = account.compile("policy \"x\"");
    CHECK(contains(account.run({"srt-run", "--dry-run", bundle, "true"}).out, "\n[landlock]\n"));
  }
  if (geteuid() != 0) {
    MESSAGE("not all run: only root sees files of root in a user namespace of its own");
    return;
  }
  Account account(0);
  account.before_each([] {
    enter_namespace(0);
    write_file("/proc/sys/user/max_user_namespaces", "0");
  });
  const Ending ending = account.run({"srt-run", "--doctor"});
  CHECK(ending.status == 125);
  CHECK(contains(ending.out, "\nlaunch      does not work: "));
  CHECK(contains(ending.out, "sysctl -w user.max_user_namespaces="));
}

}  // namespace
}  // namespace srt::live
