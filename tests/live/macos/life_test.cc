#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "tests/live/macos/mac.h"
#include "tests/live/support/terminal.h"

namespace srt::live {
namespace {

std::string read_line(int fd) {
  std::string line;
  for (char c = 0; c != '\n' && read(fd, &c, 1) == 1;) line += c;
  return line;
}

/// A script that says `ready` under a policy.
struct Running {
  Running(Mac& mac, const std::string& bundle, const std::string& script) {
    pid = mac.account().start({mac.program(), bundle, "sh", "-c", script}, output.writing.get());
    output.writing.reset();
  }

  Pipe output;
  pid_t pid;
};

TEST_CASE("R51: signals that srt-run gets are passed on, and nothing is left behind them") {
  Mac mac;
  const std::string bundle = mac.compile("allow write .");
  for (const int number : {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1}) {
    CAPTURE(number);
    Running run(mac, bundle,
                "trap 'echo got; exit 9' TERM HUP INT QUIT USR1; echo ready; "
                "while :; do sleep 0.02; done");
    CHECK(read_line(run.output.reading.get()) == "ready\n");
    CHECK(mac.files_of_runs() == 1);
    kill(run.pid, number);
    CHECK(read_line(run.output.reading.get()) == "got\n");
    CHECK(wait_for_end(run.pid) == 9);
    CHECK(mac.files_of_runs() == 0);
    CHECK(mac.private_directories() == 0);
  }
}

TEST_CASE("R52: a signal that was ignored stays so, and SIGPIPE is as the caller had it") {
  Mac mac;
  mac.account().before_each([] {
    for (int number = 1; number < 32; ++number) signal(number, SIG_DFL);
    signal(SIGHUP, SIG_IGN);
    signal(SIGCHLD, SIG_IGN);
  });
  const Ending ending =
      mac.run({mac.compile("allow write ."), "grep", "Sig[IB]", "/proc/self/status"});
  // SIGHUP is number 1, SIGCHLD 17. Whoever runs the tests may ignore numbers 32 and 33, which the
  // C library keeps to itself.
  const std::size_t ignored = ending.out.find("SigIgn:\t");
  REQUIRE_MESSAGE(ignored != std::string::npos, ending.out);
  CHECK((std::stoull(ending.out.substr(ignored + 8), nullptr, 16) & 0x7fffffff) == 0x10001);
  CHECK(contains(ending.out, "SigBlk:\t0000000000000000"));
}

TEST_CASE(
    "R53: without a terminal srt-run does not stop with the command, which ends by a signal") {
  Mac mac;
  const std::string bundle = mac.compile("allow write .");
  Running run(mac, bundle, "trap 'exit 8' TERM; echo ready; kill -STOP $$; echo again");
  CHECK(read_line(run.output.reading.get()) == "ready\n");
  CHECK(wait_until([&] {
    int status = 0;
    return waitpid(run.pid, &status, WNOHANG | WUNTRACED) == 0;
  }));
  usleep(50'000);
  kill(run.pid, SIGTERM);
  CHECK(wait_for_end(run.pid) == 8);
}

TEST_CASE("R53: Ctrl-Z stops srt-run with the command, and Ctrl-C reaches the command once") {
  Mac mac;
  const Account& account = mac.account();
  const std::string bundle = mac.compile("allow write .");
  const std::string script =
      "trap 'echo interrupted; n=1' INT; echo ready; read line; echo got $line; "
      "while [ -z \"$n\" ]; do sleep 0.02; done; sleep 0.2; exit 5";
  Terminal terminal(account.user(), [&] {
    account.become_program({mac.program(), bundle, "sh", "-c", script});
  });
  REQUIRE(terminal.await("ready"));
  terminal.type("\x1a");
  REQUIRE(terminal.await("stopped by " + std::to_string(SIGTSTP)));
  terminal.type("word\n");
  REQUIRE(terminal.await("got word"));
  terminal.type("\x03");
  CHECK(terminal.await("interrupted"));
  CHECK(terminal.await("ended with 5"));
  CHECK_FALSE(terminal.has_printed("interrupted\r\ninterrupted"));
}

TEST_CASE("what a run leaves that was killed the next one removes, and no other's") {
  Mac mac;
  const std::string bundle = mac.compile("allow write .");
  const std::string script = "trap 'exit 0' TERM; echo $$ $TMPDIR; while :; do sleep 0.02; done";
  Running killed(mac, bundle, script);
  const std::string said = read_line(killed.output.reading.get());
  Running alive(mac, bundle, script);
  const std::string other = read_line(alive.output.reading.get());
  CHECK(mac.files_of_runs() == 2);
  kill(killed.pid, SIGKILL);
  CHECK(wait_for_end(killed.pid) == 128 + SIGKILL);
  // The command goes on, confined: there is nothing on macOS that ends it.
  const pid_t command = std::stoi(said);
  CHECK(kill(command, 0) == 0);
  CHECK(mac.files_of_runs() == 2);
  CHECK(mac.private_directories() == 2);

  CHECK(mac.run({bundle, "true"}).status == 0);
  CHECK(mac.files_of_runs() == 1);
  CHECK(mac.private_directories() == 1);
  const std::string tmp = other.substr(other.find(' ') + 1);
  CHECK(exists(tmp.substr(0, tmp.size() - 1)));

  kill(command, SIGKILL);
  kill(alive.pid, SIGTERM);
  CHECK(wait_for_end(alive.pid) == 0);
  CHECK(mac.files_of_runs() == 0);
  CHECK(mac.private_directories() == 0);
}

}  // namespace
}  // namespace srt::live
