#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>

#include "runtime/base/unique_fd.h"
#include "tests/live/run/account.h"

namespace srt::live {
namespace {

constexpr const char* kPolicy =
    "allow write .\n"
    "deny read ./secret, ./private, ./.git/secret\n"
    "deny write ./config\n";

// What the command tries: reads what it may not, and writes, removes and moves it.
constexpr const char* kScript =
    "touch ready; while [ ! -e go ]; do sleep 0.02; done\n"
    // Longer than it takes to cover them again, on a busy machine too.
    "sleep 0.5\n"
    "for f in secret private/key .git/secret; do cat $f 2>/dev/null && echo read $f; done\n"
    "ls private/ 2>/dev/null && echo listed private\n"
    "for f in secret private config .git .git/secret; do\n"
    "  (echo >>$f) 2>/dev/null && echo wrote $f\n"
    "  rm -rf $f 2>/dev/null && echo removed $f; mv $f moved 2>/dev/null && echo moved $f\n"
    "done\n"
    "cat config; echo end\n";

void replace(const Account& account, const std::string& name, const std::string& text) {
  const std::string next = account.file("next", text);
  std::filesystem::rename(next, account / ("project/" + name));
}

// Runs the script, with `change` done on the host meanwhile. Returns what it printed.
std::string outcome(Account& account, const std::function<void()>& change) {
  account.file("project/secret", "first\n");
  account.directory("project/private");
  account.file("project/private/key", "first\n");
  account.file("project/config", "first\n");
  account.directory("project/.git");
  account.file("project/.git/secret", "first\n");
  const std::string bundle = account.compile(kPolicy);
  std::array<int, 2> ends;
  check(pipe2(ends.data(), O_CLOEXEC) == 0, "pipe2");
  const UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  const pid_t pid = account.start({"srt-run", bundle, "sh", "-c", kScript}, writing.get());
  writing.reset();
  CHECK(wait_until([&] { return exists(account / "project/ready"); }));
  change();
  account.file("project/go", "");
  const std::string printed = drain(reading.get());
  CHECK(wait_for_end(pid) == 0);
  return printed;
}

TEST_CASE("R58: what the host puts in the place of a covered object is covered again") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    const std::string printed = outcome(account, [&] {
      for (const char* name : {"secret", "config", ".git/secret"}) {
        replace(account, name, "second\n");
        replace(account, name, "third\n");
      }
      std::filesystem::rename(account / "project/private", account / "project/private.old");
      account.directory("project/private");
      account.file("project/private/key", "second\n");
    });
    CHECK(printed == "third\nend\n");
    CHECK(content(account / "project/secret") == "third\n");
    CHECK(content(account / "project/private.old/key") == "first\n");
  }
}

TEST_CASE("R58: a file in a directory's place, and the reverse, and with what lies in it") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    const std::string printed = outcome(account, [&] {
      std::filesystem::remove_all(account / "project/private");
      account.file("project/private", "second\n");
      std::filesystem::remove(account / "project/secret");
      account.directory("project/secret");
      account.file("project/secret/key", "second\n");
      std::filesystem::rename(account / "project/.git", account / "project/.git.old");
      account.directory("project/.git");
      account.file("project/.git/secret", "second\n");
    });
    CHECK(printed == "first\nend\n");
    CHECK(content(account / "project/private") == "second\n");
    CHECK(content(account / "project/secret/key") == "second\n");
  }
}

}  // namespace
}  // namespace srt::live
