#include "compiler/driver/decide.h"

#include <doctest/doctest.h>

#include "tests/support/policy_bundle.h"

namespace srt::driver {
namespace {

struct Asked {
  explicit Asked(const std::string& text) : made(text) {
    places.anchors = made.anchors("/w", "/h");
  }

  Result<Decision> decide(Operation operation, const std::string& subject) const {
    return driver::decide(made.bundle, places, "/w", operation, subject);
  }
  // The decision as text: effect, rule (`-` for a default), subject.
  std::string says(Operation operation, const std::string& subject) const {
    const Result<Decision> decision = decide(operation, subject);
    if (!decision) return decision.error().message;
    return std::string(to_string(decision->effect)) + ' ' +
           (decision->rule ? std::to_string(*decision->rule) : "-") + ' ' + decision->subject;
  }

  test::PolicyBundle made;
  Places places;
};

TEST_CASE("paths are decided in canonical form, relative ones from the directory") {
  const Asked asked("allow write .\ndeny read ./secret\ndeny write ./fixed");
  CHECK(asked.says(Operation::write, "/w/x") == "allow 0 /w/x");
  CHECK(asked.says(Operation::write, "x") == "allow 0 /w/x");
  CHECK(asked.says(Operation::write, "./a/../x//y/.") == "allow 0 /w/x/y");
  CHECK(asked.says(Operation::write, "../x") == "deny - /x");
  CHECK(asked.says(Operation::write, "fixed/x") == "deny 2 /w/fixed/x");
  CHECK(asked.says(Operation::read, "fixed/x") == "allow - /w/fixed/x");
  CHECK(asked.says(Operation::read, "/") == "allow - /");
  CHECK(asked.says(Operation::read, "../../..") == "allow - /");
}

TEST_CASE("what cannot be read cannot be written, by the read rule") {
  const Asked asked("allow write .\ndeny read ./secret");
  CHECK(asked.says(Operation::write, "secret") == "deny 1 /w/secret");
  CHECK(asked.says(Operation::read, "secret/x") == "deny 1 /w/secret/x");
}

TEST_CASE("the root directory can be listed whatever is denied, not written") {
  for (const char* policy : {"default read deny\nallow read /a", "deny read /"}) {
    const Asked asked(policy);
    CHECK(asked.says(Operation::read, "/") == "allow - /");
    CHECK(asked.decide(Operation::read, "/")->is_built_in());
    CHECK(asked.decide(Operation::write, "/")->effect == Effect::deny);
  }
  CHECK_FALSE(Asked("allow read /").decide(Operation::read, "/")->is_built_in());
}

TEST_CASE("what lies above a readable path is denied, but for looking it up") {
  const Asked asked("default read deny\nallow read /a/b, ./x/*.c, ~/y\ndeny read /a/b/c");
  const auto is_looked_up = [&](const std::string& path) {
    const Decision decision = asked.decide(Operation::read, path).value();
    return decision.effect == Effect::deny && !decision.beside.empty();
  };
  CHECK(is_looked_up("/a"));
  CHECK(is_looked_up("/w"));    // above an anchor's grant
  CHECK(is_looked_up("/w/x"));  // above what a glob may match
  CHECK(is_looked_up("/h"));
  CHECK_FALSE(is_looked_up("/a/b"));    // allowed
  CHECK_FALSE(is_looked_up("/a/b/c"));  // nothing readable beneath
  CHECK_FALSE(is_looked_up("/b"));
  CHECK_FALSE(is_looked_up("/w/y"));
}

TEST_CASE("what is no path is an error") {
  const Asked asked("allow write .");
  CHECK(asked.says(Operation::read, "") == "the path is empty");
  CHECK(asked.says(Operation::read, std::string("/a\0b", 4)) == "no path holds a NUL byte");
}

TEST_CASE("hosts are decided in canonical form, on port 443 unless they have one") {
  const Asked asked(
      "allow connect *.example.com:443, [2001:db8::1]:80\ndeny connect a.example.com");
  const auto says = [&](const std::string& subject) {
    return asked.says(Operation::connect, subject);
  };
  CHECK(says("B.Example.com.") == "allow 0 b.example.com:443");
  CHECK(says("b.example.com:444") == "deny - b.example.com:444");
  CHECK(says("a.example.com") == "deny 2 a.example.com:443");
  CHECK(says("[2001:db8::1]:80") == "allow 1 [2001:db8::1]:80");
  CHECK(says("2001:DB8::1") == "deny - [2001:db8::1]:443");
  CHECK(says("[2001:db8::1]") == "deny - [2001:db8::1]:443");
  CHECK(says("0x7f000001:80") == "deny - 127.0.0.1:80");
}

TEST_CASE("what is no host is an error") {
  const Asked asked("allow connect *");
  for (const char* subject : {"", ":80", "a b", "a:0", "a:65536", "a:x", "a:", "a..b"}) {
    CAPTURE(subject);
    const Result<Decision> decision = asked.decide(Operation::connect, subject);
    REQUIRE_FALSE(decision);
    CHECK_FALSE(decision.error().message.empty());
  }
}

}  // namespace
}  // namespace srt::driver
