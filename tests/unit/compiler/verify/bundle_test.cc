#include "compiler/verify/bundle.h"

#include <doctest/doctest.h>

#include "compiler/backend/bundle/bundle.h"
#include "tests/support/policy_bundle.h"

// Bundles held against policies, by hand: what is found, and how it is told.
namespace srt::verify {
namespace {

using test::PolicyBundle;

Report held(const std::string& policy, const std::string& made_of) {
  SourceSet sources;
  sources.add("test.srt", policy);
  const std::string bytes = bundle::encode(PolicyBundle(made_of).bundle);
  return verify_bundle(PolicyBundle(policy).policy, sources, read_bundle(bytes).value());
}

bool has(const Report& report, Kind kind, const std::string& part, const std::string& subject) {
  return std::any_of(report.differences.begin(), report.differences.end(),
                     [&](const Difference& difference) {
                       return difference.kind == kind && difference.part == part &&
                              difference.subject.starts_with(subject);
                     });
}

constexpr auto kPolicy = R"(default read deny
param registry: host = example.com
allow read /usr, ./**
allow write ${cwd}
deny read ~/.ssh, ./**/.env
deny write ${cwd}/.git/hooks existing
allow connect *.example.com:443, ${registry}
deny connect a.example.com
allow bind 3000
allow unix /run/a.sock, @b
deny env *_TOKEN
set env CI = "1"
deny syscall @debug
limit files 100
option nested = weaker
)";

TEST_CASE("a policy's own bundle is equal, and what was not looked at is said") {
  const Report report = held(kPolicy, kPolicy);
  CHECK(report.holds());
  CHECK(report.proved.size() == 7);
  CHECK(to_text(report, "a.srtb").starts_with("equal\na.srtb: proved: read and write"));
  CHECK(to_text(report, "a.srtb").find("not checked: mounts") != std::string::npos);
}

TEST_CASE("a path is told on which the table decides otherwise, with both places") {
  const Report looser = held("allow write /a\ndeny read /a/b\n", "allow write /a\n");
  REQUIRE(has(looser, Kind::looser, "read", "/a/b"));
  CHECK(looser.differences[0].policy == "`deny read /a/b` (test.srt:2:11)");
  CHECK(looser.differences[0].artifact == "allow by default");
  const Report tighter = held("allow write /a\n", "allow write /a\ndeny read /a/b\n");
  REQUIRE(has(tighter, Kind::tighter, "read", "/a/b"));
  CHECK(tighter.differences[0].artifact == "deny by rule 1, `deny read /a/b`");
  CHECK(has(held("deny read /a*\n", "deny read /a?\n"), Kind::looser, "read", "/a"));
  CHECK(has(held("allow unix /a/s\n", "allow unix /a/t\n"), Kind::tighter, "unix", "/a/s"));
}

TEST_CASE("a difference that needs directories in some arrangement says which") {
  const Report report = held("deny read ~/a\nallow read ./a\n", "allow read ./a\ndeny read ~/a\n");
  REQUIRE(report.differences.size() == 1);
  CHECK(report.differences[0].kind == Kind::tighter);
  CHECK(report.differences[0].subject.find("where") != std::string::npos);
}

TEST_CASE("the same paths in other rules are equal") {
  CHECK(held("deny read /a, /b\n", "deny read /{b,a}\n").holds());
  CHECK(held("deny read ~/x, ./y\n", "deny read ./y, ~/x\n").holds());
  CHECK(held("allow read /a\ndeny read /a\n", "deny read /a\n").holds());
}

TEST_CASE("names that appear later are looked at apart") {
  const Report report =
      held("allow write /a\ndeny write /a/b\n", "allow write /a\ndeny write /a/b existing\n");
  REQUIRE_FALSE(report.differences.empty());
  CHECK(report.differences[0].subject == "/a/b if it appears during the run");
  // And the guard that judges them.
  const auto is_of_guard = [](const Difference& difference) {
    return difference.part.starts_with("seccomp") &&
           difference.policy.find("guard") != std::string::npos;
  };
  CHECK(std::any_of(report.differences.begin(), report.differences.end(), is_of_guard));
}

TEST_CASE("that a run starts without a guard has to be accepted") {
  const std::string policy = "allow write /a\ndeny write /a/b";
  const Report report =
      held(policy + "\n", policy + " accept looser on linux because \"old kernels\"\n");
  REQUIRE(report.differences.size() == 1);
  CHECK(report.differences[0].part == "guard");
  CHECK(report.differences[0].kind == Kind::looser);
}

TEST_CASE("all that is no path is held against the policy") {
  const std::vector<std::array<std::string, 4>> cases = {
      {"allow connect a.com\n", "allow connect *.a.com\n", "connect", "*.a.com"},
      {"deny env A*\n", "deny env B*\n", "env", "A*"},
      {"limit files 10\n", "limit files 20\n", "limit", "files"},
      {"set env CI = \"1\"\n", "set env CI = \"2\"\n", "set env", "CI"},
      {"policy \"a\"\n", "option nested = weaker\n", "option", "nested"},
      {"allow unix @a\n", "allow unix @b\n", "unix", "@b"},
      {"policy \"a\"\n", "default connect allow\n", "connect", "*"},
      {"param p = /a\nallow read ${p}\n", "param p = /b\nallow read ${p}\n", "parameter", "p"},
      {"deny syscall mkdir\n", "policy \"a\"\n", "seccomp x86_64", "`mkdir`"},
  };
  for (const auto& [policy, made_of, part, subject] : cases) {
    CAPTURE(policy);
    const Report report = held(policy, made_of);
    CHECK_FALSE(report.holds());
    CHECK(std::any_of(report.differences.begin(), report.differences.end(),
                      [&, &part = part, &subject = subject](const Difference& difference) {
                        return difference.part == part && difference.subject.starts_with(subject);
                      }));
  }
}

TEST_CASE("a lane that hides what lies further down from the walk is refused") {
  const std::string text = "deny read /a/b\n";
  PolicyBundle made(text);
  for (PathTable::Outlook& outlook : made.bundle.paths.lanes.at(0).outlook) {
    outlook = PathTable::Outlook::never;
  }
  SourceSet sources;
  sources.add("test.srt", text);
  const Report report = verify_bundle(made.policy, sources, made.bundle);
  REQUIRE(report.differences.size() == 1);
  CHECK(report.differences[0].kind == Kind::unproved);
  CHECK(report.is_broken());
}

TEST_CASE("a program that is missing, or of no known architecture, is refused") {
  PolicyBundle made("deny read /a\n");
  made.bundle.filters[0].arch = "vax";
  CHECK(verify_bundle(made.policy, {}, made.bundle).is_broken());
  made.bundle.filters.clear();
  CHECK(verify_bundle(made.policy, {}, made.bundle).is_broken());
}

}  // namespace
}  // namespace srt::verify
