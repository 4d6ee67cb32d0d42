#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/live/launch/sandbox.h"
#include "tests/live/support/terminal.h"

namespace srt::live {
namespace {

TEST_CASE("R51: a daemon that the command leaves behind dies with it") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    const UniqueFd null(open("/dev/null", O_WRONLY | O_CLOEXEC));
    const std::string script =
        "(setsid sh -c 'echo > daemon; trap \"\" HUP TERM; while :; do echo x >> daemon; sleep "
        "0.01; done' &) ; until [ -s daemon ]; do sleep 0.01; done; exit 3";
    const pid_t pid = start({user, script_spec(script, scratch)}, null.get());
    CHECK(wait_for_end(pid) == 3);
    CHECK(session_members(pid).empty());
    // It has a session of its own; that it writes no more tells that it is gone.
    const auto size = [&] {
      const UniqueFd fd(open((scratch / "daemon").c_str(), O_RDONLY | O_CLOEXEC));
      return lseek(fd.get(), 0, SEEK_END);
    };
    const off_t before = size();
    CHECK(before > 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    CHECK(size() == before);
  }
}

TEST_CASE("R51: the sandbox reaps its orphans while the command runs") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    const std::string script =
        "for i in 1 2 3 4 5; do (sh -c 'exit 0' & exec true); done; for i in $(seq 200); do grep "
        "-l '^State:.Z' /proc/[0-9]*/status >/dev/null 2>&1 || exit 0; sleep 0.01; done; exit 1";
    CHECK(run({user, script_spec(script, scratch)}).status == 0);
  }
}

TEST_CASE("R51: a SIGKILL of the launcher at any moment leaves no process") {
  constexpr int kKills = 100;
  std::mt19937 random(std::random_device{}());
  std::uniform_int_distribution<int> microseconds(0, 40'000);
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    const UniqueFd null(open("/dev/null", O_WRONLY | O_CLOEXEC));
    for (int i = 0; i < kKills; ++i) {
      const int delay = microseconds(random);
      CAPTURE(delay);
      Launcher launcher = {user, script_spec("sleep 1000 & sleep 1000", scratch)};
      launcher.spec.ports = {3128};
      const pid_t pid = start(launcher, null.get());
      std::this_thread::sleep_for(std::chrono::microseconds(delay));
      kill(pid, SIGKILL);
      waitpid(pid, nullptr, 0);
      CHECK(wait_until([&] { return session_members(pid).empty(); }));
    }
  }
}

TEST_CASE("R51: a command that has stopped ends by the signals that end others, and goes on") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const UniqueFd null(open("/dev/null", O_WRONLY | O_CLOEXEC));
    for (const int number : {SIGTERM, SIGHUP, SIGINT}) {
      CAPTURE(number);
      const Scratch scratch(user);
      const pid_t pid =
          start({user, script_spec("touch ready; kill -STOP $$; touch on", scratch)}, null.get());
      REQUIRE(wait_until([&] { return exists(scratch / "ready"); }));
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      kill(pid, number);
      CHECK(wait_for_end(pid) == 128 + number);
      CHECK_FALSE(exists(scratch / "on"));
    }
    const Scratch scratch(user);
    const pid_t pid =
        start({user, script_spec("touch ready; kill -STOP $$; exit 6", scratch)}, null.get());
    REQUIRE(wait_until([&] { return exists(scratch / "ready"); }));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    kill(pid, SIGCONT);
    CHECK(wait_for_end(pid) == 6);
  }
}

TEST_CASE("200 launches one after another and 20 at once all give the command's status") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    const UniqueFd null(open("/dev/null", O_WRONLY | O_CLOEXEC));
    Launcher launcher = {user, basic_spec({"sh", "-c", "exit 7"}, scratch)};
    launcher.spec.ports = {3128};
    const int in_a_row = 200 / static_cast<int>(users().size());
    for (int i = 0; i < in_a_row; ++i) CHECK(wait_for_end(start(launcher, null.get())) == 7);
    std::vector<pid_t> running;
    for (int i = 0; i < 20; ++i) running.push_back(start(launcher, null.get()));
    for (const pid_t pid : running) CHECK(wait_for_end(pid) == 7);
  }
}

TEST_CASE("the end of the sandbox's first process from outside ends the launch as a SIGKILL") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    const UniqueFd null(open("/dev/null", O_WRONLY | O_CLOEXEC));
    const pid_t pid = start({user, script_spec("touch ready; sleep 1000", scratch)}, null.get());
    REQUIRE(wait_until([&] { return exists(scratch / "ready"); }));
    for (const pid_t member : session_members(pid)) {
      if (member != pid) kill(member, SIGKILL);
    }
    CHECK(wait_for_end(pid) == 128 + SIGKILL);
  }
}

class LauncherTerminal : public Terminal {
 public:
  explicit LauncherTerminal(const Launcher& launcher)
      : Terminal(launcher.user, [&] { be_launcher(launcher); }) {}
};

TEST_CASE("R53: Ctrl-Z stops the launcher as it stops the command, and both go on") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    LauncherTerminal terminal(
        {user, script_spec("echo ready; read line; echo got $line; exit 5", scratch),
         STDIN_FILENO});
    REQUIRE(terminal.await("ready"));
    terminal.type("\x1a");
    REQUIRE(terminal.await("stopped by " + std::to_string(SIGTSTP)));
    terminal.type("word\n");
    CHECK(terminal.await("got word"));
    CHECK(terminal.await("ended with 5"));
  }
}

TEST_CASE("R53: Ctrl-C reaches the command, which decides what it means") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    // `wait`, as bash drops a SIGINT that comes while a command in the foreground ends by itself.
    LauncherTerminal terminal(
        {user,
         script_spec("trap 'echo interrupted; exit 4' INT; echo ready; sleep 1000 & wait", scratch),
         STDIN_FILENO});
    REQUIRE(terminal.await("ready"));
    terminal.type("\x03");
    CHECK(terminal.await("interrupted"));
    CHECK(terminal.await("ended with 4"));
  }
}

TEST_CASE("the terminal can be opened by the names of the descriptors, and by its own") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    LauncherTerminal terminal(
        {user,
         script_spec("echo one >/dev/stderr; echo two >/dev/stdout; echo three "
                     ">/dev/tty; stty size </dev/tty >/dev/null && exit 9",
                     scratch),
         STDIN_FILENO});
    CHECK(terminal.await("ended with 9"));
    for (const char* word : {"one", "two", "three"}) CHECK(terminal.has_printed(word));
  }
}

TEST_CASE("R53: a change of the terminal's size reaches the command, once") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    LauncherTerminal terminal(
        {user,
         script_spec("n=0; trap 'n=$((n+1)); echo size $(stty size) $n' WINCH; echo "
                     "ready; until [ -e go ]; do sleep 0.01; done; exit 3",
                     scratch),
         STDIN_FILENO});
    REQUIRE(terminal.await("ready"));
    terminal.resize(33, 77);
    CHECK(terminal.await("size 33 77 1"));
    scratch.file("go", "");
    CHECK(terminal.await("ended with 3"));
    CHECK_FALSE(terminal.has_printed("size 33 77 2"));
  }
}

TEST_CASE("R51, R53: the end of the terminal ends the command") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    {
      LauncherTerminal terminal(
          {user,
           script_spec("trap 'touch hung-up; exit 1' HUP; echo ready; sleep 1000 & wait", scratch),
           STDIN_FILENO});
      REQUIRE(terminal.await("ready"));
      terminal.hang_up();
      CHECK(wait_until([&] { return exists(scratch / "hung-up"); }));
    }
  }
}

TEST_CASE("R53: a command in the background that reads from the terminal stops, and reads later") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    // It gives the terminal away and takes it back when it goes on, as by `fg`.
    LauncherTerminal terminal(
        {user, script_spec("echo ready; kill -TSTP 0; read line; echo got $line; exit 7", scratch),
         STDIN_FILENO});
    REQUIRE(terminal.await("stopped by " + std::to_string(SIGTSTP)));
    terminal.type("word\n");
    CHECK(terminal.await("got word"));
    CHECK(terminal.await("ended with 7"));
  }
}

TEST_CASE("R53: what the terminal sends to the launcher is not passed on a second time") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    // In a session of its own the command gets nothing from the terminal.
    LauncherTerminal terminal(
        {user,
         basic_spec({"setsid", "bash", "-c",
                     "trap 'echo interrupted' INT; echo ready; until [ -e go ]; do "
                     "sleep 0.01; done; echo last; exit 4"},
                    scratch),
         STDIN_FILENO});
    REQUIRE(terminal.await("ready"));
    terminal.type("\x03");
    REQUIRE(terminal.await("^C"));
    scratch.file("go", "");
    CHECK(terminal.await("ended with 4"));
    CHECK_FALSE(terminal.has_printed("interrupted"));
  }
}

}  // namespace
}  // namespace srt::live
