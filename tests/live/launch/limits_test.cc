#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string>

#include "tests/live/launch/sandbox.h"

namespace srt::live {
namespace {

Launcher limited(uid_t user, const Scratch& scratch, Limit limit, std::uint64_t value,
                 const std::string& script) {
  Launcher launcher = {user, script_spec(script, scratch)};
  launcher.spec.limits[static_cast<std::size_t>(limit)] = value;
  return launcher;
}

TEST_CASE("each limit holds in the command and cannot be raised, for root too") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    const auto run_limited = [&](Limit limit, std::uint64_t value, const std::string& script) {
      return run(limited(user, scratch, limit, value, script));
    };
    Ending ending = run_limited(Limit::files, 20, "ulimit -Sn; ulimit -Hn; ulimit -n 21; echo $?");
    CHECK(ending.out == "20\n20\n1\n");
    ending = run_limited(Limit::core, 0, "ulimit -Sc; ulimit -Hc");
    CHECK(ending.out == "0\n0\n");
    ending = run_limited(Limit::file_size, 4096, "head -c 9000 /dev/zero >f; stat -c %s f");
    CHECK(ending.out == "4096\n");
    ending = run_limited(Limit::cpu, 1, "while :; do :; done");
    CHECK(ending.status == 128 + 9);
    ending = run_limited(Limit::memory, 64 << 20, "head -c 200000000 /dev/zero | tail >/dev/null");
    CHECK(ending.status != 0);
    ending = run_limited(Limit::memory, std::uint64_t{1} << 30,
                         "head -c 200000000 /dev/zero | tail >/dev/null");
    CHECK(ending.status == 0);
  }
}

TEST_CASE(
    "the number of processes is that of the sandbox, and nothing runs where none would hold") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    // The shell is one; each background command another.
    const Ending ending =
        run(limited(user, scratch, Limit::processes, 3,
                    "sleep 5 & sleep 5 & echo two; (echo three >&2) & wait -n; kill %1 %2"));
    if (user == 0) {
      CHECK(ending.status == 125);
      CHECK(ending.out.empty());
      CHECK(ending.err.find("does not limit the number of root's processes") != std::string::npos);
    } else {
      CHECK(ending.out == "two\n");
      CHECK(ending.err.find("three") == std::string::npos);
    }
  }
}

TEST_CASE("a limit above the caller's hard limit is the caller's") {
  const Scratch scratch(users().back());
  Launcher launcher =
      limited(users().back(), scratch, Limit::file_size, 1 << 30, "ulimit -Sf; ulimit -Hf");
  launcher.before = [] {
    const rlimit limit = {1024 * 100, 1024 * 200};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(97);
  };
  CHECK(run(launcher).out == "200\n200\n");
}

}  // namespace
}  // namespace srt::live
