#include "compiler/compare/compare.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "compiler/frontend/front_end.h"
#include "tests/support/naive_matcher.h"
#include "tests/support/patterns.h"

namespace srt::compare {
namespace {

ir::Policy read(std::string_view text) {
  SourceSet sources;
  Diagnostics diagnostics;
  const FileId file = sources.add("test.srt", std::string(text));
  ir::Policy policy = srt::read_policy(sources, file, diagnostics);
  REQUIRE_MESSAGE(!diagnostics.has_errors(), render(diagnostics, sources));
  return policy;
}

std::string compared(std::string_view before, std::string_view after,
                     Targets targets = Targets::all()) {
  return to_text(compare(read(before), read(after), targets));
}

// Whether one policy allows something that the other denies, by trying small paths in some
// arrangements of the directories.
bool is_wider(const ir::Policy& before, const ir::Policy& after, Operation operation,
              const std::vector<std::string>& paths) {
  for (const char* cwd : {"", "/a", "/a/b", "/b", "/elsewhere"}) {
    for (const char* home : {"", "/a", "/a/b", "/b", "/elsewhere"}) {
      const test::AnchorValues anchors = {cwd, home};
      for (const std::string& path : paths) {
        if (test::decide(after, operation, path, anchors) == Effect::allow &&
            test::decide(before, operation, path, anchors) == Effect::deny) {
          return true;
        }
      }
    }
  }
  return false;
}

bool claims(const Comparison& found, Change change, Operation operation) {
  return std::any_of(found.differences.begin(), found.differences.end(), [&](const auto& one) {
    return one.change == change && one.operation == to_string(operation);
  });
}

TEST_CASE("what is claimed of random policies is what trying paths shows, and no less") {
  std::vector<std::string> paths = test::paths_over({"a", "b"}, 5);
  for (const std::string& path : test::paths_over({"a", "b", "aa", "ab", "ba"}, 3)) {
    paths.push_back(path);
  }
  constexpr std::uint32_t kPairs = 40;
  std::size_t differing = 0;
  for (std::uint32_t seed = 0; seed < kPairs; ++seed) {
    CAPTURE(seed);
    test::PolicyGenerator generator(seed, 2);
    const ir::Policy before = generator.policy(3);
    ir::Policy after = generator.policy(3);
    // Half of the pairs differ by one deny only.
    if (seed % 2 == 0) {
      after = before;
      const auto deny = std::find_if(after.rules.begin(), after.rules.end(),
                                     [](const auto& rule) { return rule.effect == Effect::deny; });
      if (deny != after.rules.end()) after.rules.erase(deny);
    }
    const bool has_existing = std::any_of(before.rules.begin(), before.rules.end(),
                                          [](const auto& rule) { return rule.existing; }) ||
                              std::any_of(after.rules.begin(), after.rules.end(),
                                          [](const auto& rule) { return rule.existing; });
    const Comparison found = compare(before, after, Targets{.linux = true});
    CHECK(found.unfinished.empty());
    for (const Operation operation : {Operation::read, Operation::write}) {
      const bool wider = is_wider(before, after, operation, paths);
      const bool narrower = is_wider(after, before, operation, paths);
      differing += wider || narrower ? 1U : 0U;
      // What appears later is not tried.
      if (wider || !has_existing) CHECK(claims(found, Change::wider, operation) == wider);
      if (narrower || !has_existing) CHECK(claims(found, Change::narrower, operation) == narrower);
    }
  }
  CHECK(differing > kPairs / 4);
}

TEST_CASE("a policy equals itself, spelled otherwise, and without rules that decide nothing") {
  const char* const policy =
      "param project = ${cwd}\nallow write ${project}, ~/x\ndeny read ~/.ssh, ./**/.env\n"
      "use std.protect\nallow connect *.example.com:443\ndeny env *_TOKEN\nlimit files 10\n";
  CHECK(compared(policy, policy) == "equal\n");
  CHECK(compared("allow write ./a, ./b", "allow write ./b\nallow write ./{a,b}") == "equal\n");
  CHECK(compared("deny read /a", "deny read /a\ndeny read /a/b") == "equal\n");
  CHECK(compared("deny read /x/*", "deny read /x/*/**, /x/*") == "equal\n");
}

TEST_CASE("differences are told with what is spared and with an example") {
  CHECK(compared("policy \"x\"", "allow write /srv\ndeny write /srv/x", Targets{.linux = true})
            .find("\n+ write /srv/** except /srv/x/**\n    as /srv\n") != std::string::npos);
  CHECK(compared("deny read ~/.ssh", "policy \"x\"", Targets{.linux = true})
            .starts_with("wider\n+ read ~/.ssh/**\n    as ~/.ssh\n"));
}

TEST_CASE("directories in each other count, though nearly no run has them") {
  // Without the deny the command can write there where it starts from the home directory.
  const std::string found =
      compared("allow write .\ndeny write ~/.ssh", "allow write .", Targets{.linux = true});
  CHECK(found.starts_with("wider\n+ write ./** inside ~/.ssh/**"));
  CHECK(found.find("where ") != std::string::npos);
}

TEST_CASE("hosts and ports") {
  const auto hosts = [](std::string_view before, std::string_view after) {
    return compared(before, after, Targets{.linux = true});
  };
  CHECK(hosts("allow connect *.example.com:443",
              "allow connect *.example.com:443\ndeny connect a.example.com") ==
        "narrower\n- connect a.example.com:443\n    as a.example.com:443\n");
  CHECK(
      hosts("allow connect *.example.com:443", "allow connect b.example.com, a.example.com:443") ==
      "incomparable\n"
      "+ connect b.example.com:1-442\n    as b.example.com:1\n"
      "+ connect b.example.com:444-65535\n    as b.example.com:444\n"
      "- connect *.example.com:443 except a.example.com, b.example.com\n"
      "    as srt-sample.example.com:443\n");
  CHECK(hosts("allow connect a.com:443-445", "allow connect a.com:443, a.com:444-445") ==
        "equal\n");
  CHECK(hosts("allow connect 10.0.0.0/8", "allow connect 10.0.0.0/9, 10.128.0.0/9") == "equal\n");
  CHECK(hosts("allow connect 10.0.0.0/8:80", "allow connect 10.1.0.0/16:80")
            .starts_with("narrower\n- connect 10.0.0.0/16:80\n    as 10.0.0.0:80\n"));
  // A deny of addresses holds for where allowed names lead.
  CHECK(hosts("allow connect a.com:443", "allow connect a.com:443\ndeny connect 8.0.0.0/8")
            .find("- connect 8.0.0.0/8:443 (where an allowed name leads there)") !=
        std::string::npos);
  CHECK(hosts("param h: host\nallow connect ${h}:443\ndeny connect a.com",
              "param h: host\ndeny connect a.com\nallow connect ${h}:443") ==
        "wider\n+ connect a.com:443\n    as a.com:443 where `${h}` is `a.com`\n");
}

TEST_CASE("names, ports to listen on, system calls and settings") {
  const auto told = [](std::string_view before, std::string_view after) {
    return compared(before, after, Targets{.linux = true});
  };
  CHECK(told("deny env *_TOKEN", "deny env *_TOKEN, AWS_*") ==
        "narrower\n- env AWS_* except *_TOKEN\n    as AWS_\n");
  CHECK(told("deny env A*\nallow env AB", "deny env A*") == "narrower\n- env AB\n    as AB\n");
  CHECK(told("deny env [AB]X", "deny env AX, BX") == "equal\n");
  CHECK(told("allow bind 3000", "allow bind 3000 publish") ==
        "wider\n+ bind 3000 (published to the host)\n    as 3000\n");
  CHECK(told("allow syscall ptrace", "policy \"x\"").starts_with("narrower\n- syscall ptrace\n"));
  CHECK(told("allow syscall openat", "policy \"x\"") == "equal\n");
  CHECK(told("limit files 10", "limit files 11") == "wider\n+ limit files (10 before, now 11)\n");
  CHECK(told("policy \"x\"", "limit files 11") ==
        "narrower\n- limit files (none before, now 11)\n");
  CHECK(told("policy \"x\"", "set env A = \"1\"") ==
        "incomparable\n~ set env A (not set before)\n");
  CHECK(told("policy \"x\"", "option nested = weaker").starts_with("wider\n+ option nested"));
}

TEST_CASE("a parameter with another default is another parameter") {
  const std::string found = compared("param p = ${cwd}\nallow write ${p}",
                                     "param p = ~/p\nallow write ${p}", Targets{.linux = true});
  CHECK(found.starts_with("incomparable\n"));
}

TEST_CASE("a deny of what exists is less than a deny") {
  CHECK(compared("allow write .\ndeny write ./x existing", "allow write .\ndeny write ./x",
                 Targets{.linux = true})
            .starts_with("narrower\n- write ./x/** (of what appears during the run)\n"));
}

}  // namespace
}  // namespace srt::compare
