#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/compiler/frontend/settings/harness.h"
#include "tests/unit/compiler/frontend/settings/naive_decision.h"

namespace srt::settings {
namespace {

using Texts = std::vector<std::string>;
using ir::Operation;

// Compiles the lists of `filesystem`.
Compiled files(const std::string& lists) { return Compiled("{\"filesystem\": {" + lists + "}}"); }

const Place kApart{.cwd = "/w", .home = "/home/u"};
const Place kInHome{.cwd = "/home/u/proj", .home = "/home/u"};
const Place kAtHome{.cwd = "/home/u", .home = "/home/u"};
const Place kHomeInside{.cwd = "/home", .home = "/home/u"};

bool readable(const Compiled& compiled, const Place& place, std::string_view path) {
  return decide(compiled.policy, Operation::read, place, path) == Effect::allow;
}

bool writable(const Compiled& compiled, const Place& place, std::string_view path) {
  return decide(compiled.policy, Operation::write, place, path) == Effect::allow;
}

std::size_t count_rules(const Compiled& compiled, std::string_view text) {
  const Texts rules = compiled.rules();
  return static_cast<std::size_t>(std::count(rules.begin(), rules.end(), text));
}

TEST_CASE("reads are open, writes and hosts closed where nothing is said") {
  const Compiled compiled("{}");
  CHECK(compiled.messages() == Texts{});
  CHECK(compiled.rules() == Texts{"allow write /tmp/claude", "allow write ~/.npm/_logs",
                                  "allow write ~/.claude/debug"});
  CHECK(readable(compiled, kInHome, "/home/u/.ssh/id"));
  CHECK_FALSE(writable(compiled, kInHome, "/home/u/proj/x"));
}

TEST_CASE("rules stand in the package's order, each with its place in the file") {
  const Compiled compiled(R"({
    "network": {"deniedDomains": ["bad.example.com"], "allowedDomains": ["*.example.com:443"]},
    "filesystem": {
      "denyWrite": [".env"], "allowWrite": ["."],
      "allowRead": ["/data/ok"], "denyRead": ["/data"]
    }
  })");
  CHECK(compiled.rules() ==
        Texts{"deny read /data", "allow read /data/ok", "allow write /tmp/claude",
              "allow write ~/.npm/_logs",
              // Where the home directory lies in `/data`, whose part `/data/ok` is readable.
              "deny write ~/.npm/_logs within /data", "allow write ~/.claude/debug",
              "deny write ~/.claude/debug within /data", "allow write .", "deny write ./.env",
              "allow connect *.example.com:443", "deny connect bad.example.com"});
  const auto first = compiled.policy.rules.front();
  CHECK(compiled.sources.text(first.origin) == "\"/data\"");
}

TEST_CASE("`allowRead` opens a part of `denyRead`") {
  const Compiled compiled = files(R"("denyRead": ["/home"], "allowRead": ["."])");
  CHECK_FALSE(readable(compiled, kInHome, "/home/u/.ssh/id"));
  CHECK(readable(compiled, kInHome, "/home/u/proj/src/x"));
  CHECK(readable(compiled, kAtHome, "/home/u/.ssh/id"));
  CHECK(readable(compiled, kApart, "/w/x"));
}

TEST_CASE("the same entry in both lists is readable") {
  const Compiled compiled = files(R"("denyRead": ["~/x"], "allowRead": ["~/x"])");
  CHECK(readable(compiled, kInHome, "/home/u/x/y"));
}

TEST_CASE("`allowWrite` opens no read") {
  const Compiled compiled = files(R"("denyRead": ["~/x"], "allowWrite": ["~/x"])");
  CHECK_FALSE(readable(compiled, kInHome, "/home/u/x/y"));
  CHECK_FALSE(writable(compiled, kInHome, "/home/u/x/y"));
}

TEST_CASE("C7: a denied path strictly inside an allowed one stays denied") {
  const Compiled compiled = files(R"("denyRead": ["./secrets", "/w"], "allowRead": ["."])");
  CHECK_FALSE(readable(compiled, kApart, "/w/secrets/key"));
  CHECK(readable(compiled, kApart, "/w/src"));
  CHECK(count_rules(compiled, "deny read ./secrets") == 2);
}

TEST_CASE("a denied path below a match of an allowed glob stays denied") {
  const Compiled compiled = files(R"("denyRead": ["/d", "/d/a/b/key"], "allowRead": ["/d/**/*"])");
  CHECK(readable(compiled, kApart, "/d/a/b/x"));
  CHECK_FALSE(readable(compiled, kApart, "/d/a/b/key"));
}

TEST_CASE("whether a denied path lies inside an allowed one can depend on the run") {
  const Compiled compiled = files(R"("denyRead": ["~/proj/secrets"], "allowRead": ["."])");
  CHECK(count_rules(compiled, "deny read ~/proj/secrets within .") == 1);
  SUBCASE("run from the project: denied, since it is inside the grant") {
    CHECK_FALSE(readable(compiled, kInHome, "/home/u/proj/secrets/key"));
  }
  SUBCASE("run from the home directory: denied") {
    CHECK_FALSE(readable(compiled, kAtHome, "/home/u/proj/secrets/key"));
  }
  SUBCASE("run from inside: the grant names more closely than the deny") {
    const Place inside{.cwd = "/home/u/proj/secrets/sub", .home = "/home/u"};
    CHECK(readable(compiled, inside, "/home/u/proj/secrets/sub/key"));
    CHECK_FALSE(readable(compiled, inside, "/home/u/proj/secrets/key"));
  }
  SUBCASE("run from the entry itself: the grant is no wider, and holds") {
    const Place same{.cwd = "/home/u/proj/secrets", .home = "/home/u"};
    CHECK(readable(compiled, same, "/home/u/proj/secrets/key"));
  }
  SUBCASE("run from elsewhere: denied") {
    CHECK_FALSE(readable(compiled, kApart, "/home/u/proj/secrets/key"));
  }
}

TEST_CASE("what can never lie inside a grant is denied once") {
  const Compiled compiled = files(R"("denyRead": ["/a/x"], "allowRead": ["/b", "/a/x/y"])");
  CHECK(count_rules(compiled, "deny read /a/x") == 1);
  CHECK(readable(compiled, kApart, "/a/x/y/z"));
}

TEST_CASE("a grant inside a deny inside a grant opens nothing, and a warning says so") {
  const Compiled compiled = files(R"("denyRead": ["~/p/s"], "allowRead": ["~/p", "~/p/s/ok"])");
  CHECK_FALSE(readable(compiled, kApart, "/home/u/p/s/ok"));
  CHECK(compiled.messages() ==
        Texts{"read-stays-denied: `~/p/s/ok` stays unreadable: `~/p/s` inside `~/p` denies it @ "
              "\"~/p/s/ok\""});
}

TEST_CASE("a denied glob holds inside allowed directories") {
  const Compiled compiled = files(R"("denyRead": ["**/.env"], "allowRead": ["."])");
  CHECK_FALSE(readable(compiled, kApart, "/w/a/.env"));
  CHECK_FALSE(readable(compiled, kApart, "/w/.env/x"));
  CHECK(readable(compiled, kApart, "/w/a/env"));
}

TEST_CASE("a denied glob gives way to the allowed entries that it covers whole") {
  const Compiled compiled =
      files(R"("denyRead": ["/home/*/.*"], "allowRead": ["~/.config", "/home/u", "./**/*.md"])");
  CHECK(readable(compiled, kInHome, "/home/u/.config/git"));
  CHECK_FALSE(readable(compiled, kInHome, "/home/u/.ssh/id"));
  CHECK(readable(compiled, kInHome, "/home/u/x"));
  SUBCASE("only where it covers them: elsewhere the home directory is not in `/home`") {
    const Place root{.cwd = "/w", .home = "/root"};
    CHECK(readable(compiled, root, "/root/.config/git"));
    CHECK_FALSE(readable(compiled, root, "/home/u/.config/git"));
  }
}

TEST_CASE("a denied glob without grants is said once") {
  CHECK(count_rules(files(R"("denyRead": ["**/.env"])"), "deny read ./**/.env") == 1);
  CHECK(count_rules(files(R"("denyRead": ["/a/*"], "allowRead": ["/b"])"), "deny read /a/*") == 1);
}

TEST_CASE("entries marked literal are names, strings with sets are both") {
  const Compiled compiled =
      files(R"("denyRead": ["/d"], "allowRead": [{"path": "/d/[a]", "literal": true}, "/d/[b]"])");
  CHECK(readable(compiled, kApart, "/d/[a]/x"));
  CHECK(readable(compiled, kApart, "/d/b"));
  CHECK_FALSE(readable(compiled, kApart, "/d/[b]"));
  const Compiled denied = files(R"("denyRead": ["/d/[b]"])");
  CHECK_FALSE(readable(denied, kApart, "/d/b"));
  CHECK_FALSE(readable(denied, kApart, "/d/[b]/x"));
}

TEST_CASE("`denyWrite` wins over `allowWrite`") {
  const Compiled compiled =
      files(R"("denyWrite": [".env", "config/*"], "allowWrite": [".", "./.env"])");
  CHECK(writable(compiled, kApart, "/w/src/x"));
  CHECK_FALSE(writable(compiled, kApart, "/w/.env"));
  CHECK_FALSE(writable(compiled, kApart, "/w/config/a/b"));
  CHECK_FALSE(writable(compiled, kApart, "/v"));
}

TEST_CASE("default write paths go where a read deny covers them") {
  const auto logs = [](const Compiled& compiled, const Place& place) {
    return writable(compiled, place, "/home/u/.npm/_logs/x");
  };
  CHECK(logs(files(R"("denyRead": ["~/.ssh"])"), kApart));
  CHECK_FALSE(logs(files(R"("denyRead": ["~"])"), kApart));
  CHECK_FALSE(logs(files(R"("denyRead": ["~/.*"])"), kApart));
  CHECK_FALSE(logs(files(R"("denyRead": ["/home"])"), kApart));
  SUBCASE("not where a grant inside that deny opens them") {
    CHECK(logs(files(R"("denyRead": ["~"], "allowRead": ["~/.npm"])"), kApart));
    CHECK_FALSE(logs(files(R"("denyRead": ["~/.npm/_logs"], "allowRead": ["~/.npm"])"), kApart));
  }
  SUBCASE("a grant of a part makes none of it writable") {
    const Compiled part = files(R"("denyRead": ["/home"], "allowRead": ["~/.npm/_logs/x"])");
    CHECK(readable(part, kApart, "/home/u/.npm/_logs/x"));
    CHECK_FALSE(logs(part, kApart));
    const Place root{.cwd = "/w", .home = "/root"};
    CHECK(writable(part, root, "/root/.npm/_logs/x"));
  }
  SUBCASE("what the sandbox itself needs stays") {
    CHECK(count_rules(files(R"("denyRead": ["/tmp"])"), "allow write /tmp/claude") == 1);
  }
}

TEST_CASE("protected names in the working directory need not exist, below it they do") {
  const Compiled compiled = files(R"("allowWrite": [".", "/other"])");
  Place place = kApart;
  for (const bool exists : {true, false}) {
    CAPTURE(exists);
    place.path_exists = exists;
    CHECK_FALSE(writable(compiled, place, "/w/.mcp.json"));
    CHECK_FALSE(writable(compiled, place, "/w/.claude/commands/x"));
    CHECK(writable(compiled, place, "/w/sub/.mcp.json") == !exists);
    CHECK(writable(compiled, place, "/w/.git/hooks/pre-commit") == !exists);
    CHECK(writable(compiled, place, "/w/.git/config") == !exists);
    CHECK(writable(compiled, place, "/other/.git/hooks/x") == !exists);
    CHECK(writable(compiled, place, "/other/.mcp.json"));
    CHECK(writable(compiled, place, "/w/.git/index"));
  }
}

TEST_CASE("`allowGitConfig` opens git's configuration, not its hooks") {
  const Compiled compiled = files(R"("allowWrite": ["."], "allowGitConfig": true)");
  CHECK(writable(compiled, kApart, "/w/.git/config"));
  CHECK(writable(compiled, kApart, "/w/a/.git/config"));
  CHECK_FALSE(writable(compiled, kApart, "/w/.git/hooks/x"));
}

TEST_CASE("`filesystem.disabled` opens every file, loudly") {
  const Compiled compiled = files(R"("disabled": true, "denyRead": ["~/.ssh"])");
  CHECK(compiled.messages() ==
        Texts{"filesystem-disabled: `filesystem.disabled` lets the command read and write every "
              "file @ true"});
  CHECK(compiled.rules() == Texts{"allow read /", "allow write /"});
  CHECK(writable(compiled, kApart, "/home/u/.ssh/id"));
  CHECK(compiled.policy.tmp_candidates.empty());
}

TEST_CASE("TMPDIR is looked for where the package looks") {
  const Compiled compiled("{}");
  CHECK(compiled.policy.tmp_candidates ==
        std::vector<TmpCandidate>{{.variable = "CLAUDE_CODE_TMPDIR"},
                                  {.variable = "CLAUDE_TMPDIR"},
                                  {.path = "/tmp/claude"}});
  REQUIRE(compiled.policy.variables.size() == 1);
  CHECK(compiled.policy.variables[0].name == "SANDBOX_RUNTIME");
  CHECK(compiled.policy.variables[0].value == "1");
}

TEST_CASE("a denied domain carries its reason") {
  const Compiled compiled(R"({"network": {
    "allowedDomains": ["*.example.com"], "deniedDomains": ["a.example.com", "*:22"],
    "deniedDomainReasons": {"*:22": "use https", "b.example.com": "x"}}})");
  CHECK(compiled.rules().back() == "deny connect *:22");
  CHECK(compiled.policy.rules.back().because == "use https");
  CHECK(compiled.messages() ==
        Texts{"unused-reason: no entry of `network.deniedDomains` is `b.example.com` @ "
              "\"b.example.com\""});
}

TEST_CASE("domains that are none, or that allow too much, are underlined") {
  const Compiled compiled(R"({"network": {"allowedDomains":
    ["*", "*:443", "*.com", "a.example.com:99999", "ex\u0061mple.com:x", "localhost", "[::1]:80",
     "intranet", "10.0.0.0/8:8000-8100"],
    "deniedDomains": ["*", "*.com"]}})");
  CHECK(compiled.messages() == Texts{"domain-too-broad: `*` allows too many hosts @ \"*\"",
                                     "domain-too-broad: `*:443` allows too many hosts @ \"*:443\"",
                                     "domain-too-broad: `*.com` allows too many hosts @ \"*.com\"",
                                     "bad-host: `99999` is not a port @ 99999",
                                     "bad-host: `x` is not a port @ \"ex\\u0061mple.com:x\""});
  CHECK(compiled.rules().size() == 3 + 4 + 2);
}

TEST_CASE("too many denied and allowed reads are refused, not compared for minutes") {
  const auto entries = [](std::size_t count) {
    std::string list = "[\"/x0\"";
    for (std::size_t i = 1; i < count; ++i) list += ", \"/x" + std::to_string(i) + "\"";
    return list + "]";
  };
  const auto messages = [&](std::size_t denied, std::size_t allowed) {
    return files("\"denyRead\": " + entries(denied) + ", \"allowRead\": " + entries(allowed))
        .messages();
  };
  CHECK(messages(50, 98) == Texts{});
  const Texts refused = messages(50, 99);
  REQUIRE(refused.size() == 1);
  CHECK(refused[0].starts_with(
      "too-many-read-pairs: 50 denied and 99 allowed read paths are too many to be held against "
      "each other @ [\"/x0\""));
}

TEST_CASE("rules have a limit") {
  std::string domains = "\"x.example.com\"";
  for (int i = 0; i < 100'000; ++i) domains += ",\"x.example.com\"";
  const Compiled compiled("{\"network\": {\"allowedDomains\": [" + domains + "]}}");
  REQUIRE(compiled.diagnostics.all().size() == 1);
  CHECK(compiled.diagnostics.all()[0].diag == Diag::too_many_rules);
}

TEST_CASE("settings as people write them compile") {
  const Compiled agent(R"(// for an agent
{
  "$schema": "./settings.schema.json",
  "network": {
    "allowedDomains": ["registry.example.org", "*.registry.example.org", "git.example.com:22"],
    "deniedDomains": [],
    "allowUnixSockets": ["/run/agent.sock"],
    "allowLocalBinding": true,
    "httpProxyPort": 3128
  },
  "filesystem": {
    "denyRead": ["~/.ssh/**", "~/.gnupg/", ".env", ".env.*", "*.pem", "**/secrets/**",
                 "**/config/*.key", "/home/*/.*"],
    "allowRead": [],
    "allowWrite": [".", "src/", "/tmp", "/private/tmp", "~/.cache/**", "~/Library/App Support"],
    "denyWrite": ["**/.agent/**", "/etc/", "settings.json", ".venv/**", "**/*.tfstate.*"]
  },
  "ignoreViolations": {"*": ["/usr/bin"]},
  "enableWeakerNestedSandbox": true,
  "enableWeakerNetworkIsolation": false,
  "allowAppleEvents": false
}
)");
  CHECK_FALSE(agent.diagnostics.has_errors());
  CHECK(agent.diagnostics.count(Severity::warning) == 0);
  CHECK(agent.diagnostics.count(Severity::note) == 2);
  CHECK_FALSE(readable(agent, kInHome, "/home/u/proj/a/secrets/x"));
  CHECK(writable(agent, kInHome, "/home/u/proj/src/x"));
  CHECK_FALSE(writable(agent, kInHome, "/home/u/proj/.venv/x"));
  CHECK(writable(agent, kInHome, "/tmp/x"));
}

}  // namespace
}  // namespace srt::settings
