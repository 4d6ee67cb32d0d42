#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "runtime/base/unique_fd.h"
#include "tests/live/run/account.h"

namespace srt::live {
namespace {

/// Everything that a launch can have: mounts, a proxy with two listeners, a temporary directory.
constexpr const char* kFullPolicy =
    "allow write .\n"
    "deny read ./**/*.key\n"
    "deny write ./locked\n"
    "use std.protect\n"
    "allow connect example.com, localhost:18080\n";

/// Reads up to the end of a line.
std::string read_line(int fd) {
  std::string line;
  for (char c = 0; c != '\n' && read(fd, &c, 1) == 1;) line += c;
  return line;
}

/// Whether all children of this process, and what was left to it, are dead.
bool nothing_runs() {
  return wait_until([] {
    while (waitpid(-1, nullptr, WNOHANG) > 0) continue;
    return waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD;
  });
}

TEST_CASE(
    "R52: the status is the command's, 126 and 127 where it does not start, 128+N by signal") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const std::string bundle = account.compile("policy \"x\"");
    const auto status = [&](std::vector<std::string> command) {
      command.insert(command.begin(), {"srt-run", bundle, "--"});
      return account.run(command).status;
    };
    account.file("project/plain", "text");
    CHECK(status({"true"}) == 0);
    CHECK(status({"sh", "-c", "exit 7"}) == 7);
    CHECK(status({"sh", "-c", "exit 255"}) == 255);
    CHECK(status({"./plain"}) == 126);
    CHECK(status({account.project()}) == 126);
    CHECK(status({"no-such-command"}) == 127);
    CHECK(status({"./no-such-command"}) == 127);
    for (const int signal : {SIGTERM, SIGKILL, SIGINT, SIGSEGV, SIGHUP}) {
      CAPTURE(signal);
      CHECK(status({"sh", "-c", "kill -" + std::to_string(signal) + " $$"}) == 128 + signal);
    }
  }
}

TEST_CASE("R51: a SIGTERM that srt-run gets is passed on to the command") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const std::string bundle = account.compile(kFullPolicy);
    for (const int signal : {SIGTERM, SIGHUP, SIGINT, SIGUSR1}) {
      CAPTURE(signal);
      Pipe output;
      const pid_t pid = account.start(
          {"srt-run", bundle, "sh", "-c",
           "trap 'echo got; exit 5' TERM HUP INT USR1; echo ready; while :; do sleep 0.05; done"},
          output.writing.get());
      output.writing.reset();
      REQUIRE(read_line(output.reading.get()) == "ready\n");
      kill(pid, signal);
      CHECK(read_line(output.reading.get()) == "got\n");
      CHECK(wait_for_end(pid) == 5);
    }
  }
}

TEST_CASE("R51: a command that ends leaves no process, double-forked daemons among them") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const std::string bundle = account.compile(kFullPolicy);
    // The pipe stays open as long as a daemon holds it.
    const Ending ending = account.run(
        {"srt-run", bundle, "sh", "-c",
         "(setsid sh -c 'trap \"\" TERM HUP; sleep 300 & sleep 300' &) ; sleep 0.05; exit 3"});
    CHECK(ending.status == 3);
    CHECK(nothing_runs());
  }
}

TEST_CASE("R51: SIGKILL of srt-run takes a daemon along") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const std::string bundle = account.compile(kFullPolicy);
    Pipe output;
    const pid_t pid =
        account.start({"srt-run", bundle, "sh", "-c",
                       "(setsid sh -c 'trap \"\" TERM HUP; echo ready; sleep 300 & sleep 300' &); "
                       "sleep 300"},
                      output.writing.get());
    output.writing.reset();
    REQUIRE(read_line(output.reading.get()) == "ready\n");
    kill(pid, SIGKILL);
    CHECK(read_line(output.reading.get()).empty());  // nobody holds the pipe any more
    CHECK(nothing_runs());
  }
}

TEST_CASE("R51: SIGKILL of srt-run at any moment of its start leaves no process and no file") {
  constexpr int kKills = 200;
  constexpr int kSpan = 40'000;  // microseconds
  std::minstd_rand random(1);
  const std::vector<uid_t> all = users();
  for (const uid_t user : all) {
    CAPTURE(user);
    const Account account(user);
    account.file("project/a.key", "secret");
    account.directory("project/locked");
    const std::string bundle = account.compile(kFullPolicy);
    const UniqueFd null(open("/dev/null", O_WRONLY | O_CLOEXEC));
    for (int i = 0; i < kKills / static_cast<int>(all.size()); ++i) {
      const pid_t pid = account.start(
          {"srt-run", bundle, "sh", "-c", "(setsid sleep 300 &); sleep 300"}, null.get());
      std::this_thread::sleep_for(
          std::chrono::microseconds(std::uniform_int_distribution<int>(0, kSpan)(random)));
      kill(pid, SIGKILL);
      REQUIRE(nothing_runs());
    }
    CHECK(account.run({"sh", "-c", "ls -A ~ && ls -A"}).out == "a.key\nlocked\n");
  }
}

TEST_CASE("R33: no descriptor above 2 reaches the command, whatever the caller left open") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    const std::string bundle = account.compile(kFullPolicy);
    const std::string secret = account.file("secret", "secret\n");
    account.before_each([&] {
      const int file = open(secret.c_str(), O_RDONLY);
      for (const int number : {3, 9, 500, 1000}) dup2(file, number);
    });
    const Ending ending =
        account.run({"srt-run", bundle, "bash", "-c", "echo /proc/self/fd/*; cat <&3; cat <&1000"});
    // Bash lists its own directory through the last one.
    CHECK(ending.out == "/proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 /proc/self/fd/3\n");
  }
}

TEST_CASE("a closed standard descriptor neither breaks the launch nor leaks another file") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    const std::string bundle = account.compile(kFullPolicy);
    account.before_each([] {
      close(0);
      close(2);
    });
    const Ending ending =
        account.run({"srt-run", bundle, "sh", "-c", "readlink /proc/$$/fd/0 /proc/$$/fd/2"});
    CHECK(ending.status == 0);
    CHECK(ending.out == "/dev/null\n/dev/null\n");
  }
}

TEST_CASE("runs one after another leave no process, mount or file behind; LEAK_RUNS is how many") {
  const char* wanted = std::getenv("LEAK_RUNS");
  const int runs = wanted != nullptr ? std::atoi(wanted) : 200;
  const std::vector<uid_t> all = users();
  for (const uid_t user : all) {
    CAPTURE(user);
    const Account account(user);
    const std::string bundle = account.compile(kFullPolicy);
    for (int i = 0; i < runs / static_cast<int>(all.size()); ++i) {
      const Ending ending = account.run(
          {"srt-run", bundle, "sh", "-c", "(setsid sleep 300 &); echo x >$TMPDIR/x; exit 9"});
      REQUIRE_MESSAGE(ending.status == 9, ending.err);
    }
    CHECK(nothing_runs());
    // Of this account: what else the machine does may mount.
    CHECK_FALSE(contains(content("/proc/self/mountinfo"), account.project()));
    // `grep` finds none of the name that each of them made.
    CHECK(account.run({"sh", "-c", "ls -A . ~ /dev/shm | grep -x x"}).status == 1);
  }
}

TEST_CASE("20 runs at once do not disturb one another") {
  constexpr int kRuns = 20;
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const std::string bundle = account.compile(kFullPolicy);
    const UniqueFd null(open("/dev/null", O_WRONLY | O_CLOEXEC));
    std::vector<pid_t> runs;
    for (int i = 0; i < kRuns; ++i) {
      const std::string number = std::to_string(i + 1);
      runs.push_back(account.start(
          {"srt-run", bundle, "sh", "-c",
           "echo " + number + " >$TMPDIR/n; sleep 0.2; [ $(cat $TMPDIR/n) = " + number +
               " ] && exit " + number},
          null.get()));
    }
    for (int i = 0; i < kRuns; ++i) CHECK(wait_for_end(runs[static_cast<std::size_t>(i)]) == i + 1);
  }
}

/// Makes this process, which is root's, the first one of a pid namespace, where the next five
/// numbers are used up.
void enter_pid_namespace() {
  check(unshare(CLONE_NEWPID | CLONE_NEWNS) == 0, "unshare");
  const pid_t first = fork();
  check(first >= 0, "fork");
  if (first > 0) _exit(wait_for_end(first));
  check(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "make / private");
  check(mount("proc", "/proc", "proc", 0, nullptr) == 0, "mount /proc");
  for (int i = 0; i < 5; ++i) {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    wait_for_end(child);
  }
}

TEST_CASE("in a container, the numbers of the sandbox's processes are nobody's outside") {
  if (geteuid() != 0) {
    MESSAGE("skipped: making a pid namespace that an ordinary user's launch starts in needs root");
    return;
  }
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    const std::string bundle = account.compile("allow write .\n");
    account.before_each(enter_pid_namespace);
    const Ending ending =
        account.run({"srt-run", bundle, "sh", "-c", "ls -d /proc/[0-9]*; exit 7"});
    CHECK_MESSAGE(ending.status == 7, ending.err);
    CHECK(ending.out == "/proc/1\n/proc/2\n");
  }
}

}  // namespace
}  // namespace srt::live
