#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tests/live/launch/sandbox.h"

namespace srt::live {
namespace {

TEST_CASE("the command's exit status is the launch's") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    for (const int status : {0, 7, 255}) {
      const Ending ending = run({user, script_spec("exit " + std::to_string(status), scratch)});
      CAPTURE(ending.err);
      CHECK(ending.status == status);
    }
  }
}

TEST_CASE("R52: a command that a signal ended gives 128 and its number") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    CHECK(run({user, script_spec("kill -KILL $$", scratch)}).status == 128 + SIGKILL);
    CHECK(run({user, script_spec("kill -TERM $$", scratch)}).status == 128 + SIGTERM);
    CHECK(run({user, script_spec("kill -PIPE $$", scratch)}).status == 128 + SIGPIPE);
  }
}

TEST_CASE("a command that does not exist gives 127 and says so") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    const Ending by_name = run({user, basic_spec({"no-such-command"}, scratch)});
    CHECK(by_name.status == 127);
    CHECK(by_name.err == "srt-run: `no-such-command`: command not found\n");
    CHECK(run({user, basic_spec({scratch / "missing"}, scratch)}).status == 127);
  }
}

TEST_CASE("a file that cannot be executed gives 126") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    const std::string plain = scratch.file("plain", "echo hello\n", 0644);
    // A shell would run this one; a launcher that did would hide that no program was executed.
    const std::string text = scratch.file("text", "echo hello\n", 0755);
    CHECK(run({user, basic_spec({plain}, scratch)}).status == 126);
    CHECK(run({user, basic_spec({text}, scratch)}).status == 126);
    CHECK(run({user, basic_spec({scratch.path()}, scratch)}).status == 126);
    const std::string script = scratch.file("script", "#!/bin/sh\nexit 5\n", 0755);
    CHECK(run({user, basic_spec({script}, scratch)}).status == 5);
  }
}

TEST_CASE("the command is searched on its own PATH, not on the launcher's") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    const std::string directory = scratch.directory("tools");
    scratch.file("tools/my-tool", "#!/bin/sh\nexit 9\n", 0755);
    LaunchSpec spec = basic_spec({"my-tool"}, scratch);
    CHECK(run({user, spec}).status == 127);
    spec.environment[0].second = "/nowhere:" + directory;
    CHECK(run({user, spec}).status == 9);
  }
}

TEST_CASE("R52: the command starts with the signals ignored that its caller ignored") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    const LaunchSpec spec =
        basic_spec({"grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"}, scratch);
    const Ending plain = run({user, spec, -1, [] {
                                for (int number = 1; number < 32; ++number) {
                                  signal(number, SIG_DFL);
                                }
                              }});
    CHECK(plain.out == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
    const Ending ignoring = run({user, spec, -1, [] {
                                   signal(SIGHUP, SIG_IGN);
                                   signal(SIGPIPE, SIG_IGN);
                                   signal(SIGCHLD, SIG_IGN);
                                 }});
    CHECK(ignoring.out == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000011001\n");
  }
}

TEST_CASE("a signal that a process sends is passed on to the command") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1}) {
      CAPTURE(number);
      const Scratch scratch(user);
      // `wait`, as bash drops a SIGINT that comes while a command in the foreground ends by itself.
      const std::string script =
          "trap 'exit 33' " + std::to_string(number) + "; touch ready; sleep 1000 & wait";
      const UniqueFd null(open("/dev/null", O_WRONLY | O_CLOEXEC));
      const pid_t pid = start({user, script_spec(script, scratch)}, null.get());
      REQUIRE(wait_until([&] { return exists(scratch / "ready"); }));
      kill(pid, number);
      CHECK(wait_for_end(pid) == 33);
    }
  }
}

TEST_CASE("a signal that comes before the command starts ends the launch") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    Launcher launcher = {user, script_spec("touch ran", scratch)};
    launcher.serve = [](asio::io_context&, SandboxNetwork) { kill(getpid(), SIGTERM); };
    CHECK(run(launcher).status == 128 + SIGTERM);
    CHECK_FALSE(exists(scratch / "ran"));
  }
}

}  // namespace
}  // namespace srt::live
