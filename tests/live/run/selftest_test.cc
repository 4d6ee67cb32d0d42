#include <doctest/doctest.h>

#include <string>

#include "tests/live/run/account.h"

namespace srt::live {
namespace {

Ending self_test(const Account& account, const std::string& policy) {
  return account.run({"srt-run", "--selftest", account.compile(policy)});
}

TEST_CASE("a self-test tries what the policy expects, and all its mounts") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.file("project/secret", "x");
    account.file("project/kept", "x");
    account.directory("project/private");
    account.file("home/plain", "x");
    const std::string policy =
        "allow write .\ndeny read ./secret, ./private\ndeny write ./kept\n"
        "expect deny read ./secret\nexpect deny read ./private\nexpect deny write ./kept\n"
        "expect allow read ~/plain\nexpect deny write ~/plain\n";
    const Ending ending = self_test(account, policy + "expect deny read ./not-there\n");
    CHECK(ending.status == 0);
    CHECK(ending.err.empty());
    CHECK(contains(ending.out, ", 0 otherwise, "));
    CHECK_FALSE(contains(ending.out, " 0 as the policy says"));
    CHECK(content(account / "project/kept") == "x");

    const Ending wrong =
        self_test(account, policy + "expect deny read ~/plain\n" + "expect allow write ./kept\n");
    CHECK(wrong.status == 1);
    CHECK(contains(wrong.out, "deny read " + account.home() + "/plain: it was done (expected at "));
    CHECK(contains(wrong.out,
                   "allow write " + account.project() + "/kept: it was refused (expected at "));
    CHECK(contains(wrong.out, ", 2 otherwise, "));
  }
}

TEST_CASE("a self-test needs nothing of what the policy hides") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.file("project/file", "x");
    const Ending ending = self_test(account,
                                    "default read deny\nallow read .\nallow write ./file\n"
                                    "expect deny read /etc/passwd\n"
                                    "expect allow write ./file\n");
    CHECK(ending.status == 0);
    CHECK(contains(ending.out, ", 0 otherwise, "));
  }
}

TEST_CASE("what cannot be tried at all is an error") {
  const Account account(users().back());
  const std::string bundle = account.compile("param place\nexpect deny read /x\n");
  CHECK(account.run({"srt-run", "--selftest", bundle, "true"}).status == 125);
  CHECK(account.run({"srt-run", "--selftest"}).status == 125);
  CHECK(account.run({"srt-run", "--selftest", account / "none"}).status == 125);
}

}  // namespace
}  // namespace srt::live
