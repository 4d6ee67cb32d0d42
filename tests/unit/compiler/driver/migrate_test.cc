#include "compiler/frontend/settings/migrate.h"

#include <doctest/doctest.h>

#include <array>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/driver/decide.h"
#include "compiler/frontend/front_end.h"
#include "compiler/ir/equal.h"
#include "tests/support/policy_bundle.h"

namespace srt::settings {
namespace {

// Settings, and the policy that they become.
struct Migrated {
  Migrated(std::string json, Inexact inexact) {
    read =
        settings::read_policy(sources, sources.add("settings.json", std::move(json)), diagnostics);
    REQUIRE_FALSE(diagnostics.has_errors());
    text = write_policy(read, inexact, diagnostics);
    is_exact = !diagnostics.has_errors();
    if (!is_exact) return;
    Diagnostics said;
    policy = language::read_policy(sources, sources.add("policy.srt", text), said);
    CAPTURE(text);
    CAPTURE(render(said, sources));
    REQUIRE_FALSE(said.has_errors());
  }

  SourceSet sources;
  Diagnostics diagnostics;
  ir::Policy read;
  ir::Policy policy;
  std::string text;
  bool is_exact = false;
};

struct Arrangement {
  const char* cwd;
  const char* home;
};
constexpr std::array kArrangements = {
    Arrangement{"/w", "/h"},       Arrangement{"/h/p", "/h"}, Arrangement{"/h", "/h"},
    Arrangement{"/h", "/h/u"},     Arrangement{"", "/h"},     Arrangement{"/d/a", "/d"},
    Arrangement{"/h/p/s/a", "/h"},
};

bool is_allowed(const test::PolicyBundle& made, const Arrangement& at, ir::Operation operation,
                const std::string& subject) {
  Places places;
  places.anchors = made.anchors(at.cwd, at.home);
  const auto decision =
      driver::decide(made.bundle, places, *at.cwd == '\0' ? "/" : at.cwd, operation, subject);
  return decision.value().effect == Effect::allow;
}

// Every request about a path of up to four of these names.
std::vector<std::string> paths() {
  std::vector<std::string> out = {""};
  std::size_t begin = 0;
  for (int depth = 0; depth < 4; ++depth) {
    const std::size_t end = out.size();
    for (std::size_t i = begin; i < end; ++i) {
      for (const char* name : {"/h", "/p", "/s", "/d", "/a", "/.env"}) out.push_back(out[i] + name);
    }
    begin = end;
  }
  out[0] = "/";
  return out;
}

// Where rules stand means nothing without their texts.
test::PolicyBundle made_of(ir::Policy policy) {
  for (ir::Rule& rule : policy.rules) rule.origin = {};
  return test::PolicyBundle(std::move(policy));
}

// How the two decide differently: `looser` somewhere, only `tighter`, or not at all.
std::string differences(const Migrated& migrated, const std::vector<std::string>& probes) {
  const test::PolicyBundle settings = made_of(migrated.read);
  const test::PolicyBundle policy = made_of(migrated.policy);
  std::string out;
  for (const Arrangement& at : kArrangements) {
    for (const std::string& path : probes) {
      for (const ir::Operation operation : {ir::Operation::read, ir::Operation::write}) {
        const bool before = is_allowed(settings, at, operation, path);
        const bool after = is_allowed(policy, at, operation, path);
        if (before == after) continue;
        return std::string(after ? "looser: " : "tighter: ") + std::string(to_string(operation)) +
               ' ' + path + " from " + at.cwd;
      }
    }
  }
  return out;
}

// Entries of every kind, and such as lie in each other whatever the run's directories are.
constexpr std::array kMixed = {
    ".",      "~",    "/h",      "/h/p",        "/h/p/s",     "~/p",      "~/p/s",    "./s",
    "/d",     "/d/a", "**/.env", "/**/.env",    "/d/**/.env", "~/*/.env", "./.env",   "/h/*",
    "/h/p/*", "/*",   "/d/[as]", "/d/**/*.env", "/h**env",    "/h/p**",   "~/p/.env", "/d/a/.env"};
constexpr std::array kNested = {"/d",       "/d/a",    "/d/a/.env", "/d/a/.env/s", "/d/**/.env",
                                "/d/**/s*", "/d/**/a", "/d/*/.env", "/d/a/.env/*", "/d/**/.env/s"};

class Random {
 public:
  Random(unsigned seed, std::span<const char* const> entries) : entries_(entries), engine_(seed) {}

  std::string settings() {
    return "{\"filesystem\": {\"denyRead\": " + list() + ", \"allowRead\": " + list() +
           ", \"allowWrite\": " + list() + ", \"denyWrite\": " + list() + "}}";
  }

 private:
  std::string list() {
    std::string out;
    const unsigned count = pick(4);
    for (unsigned i = 0; i < count; ++i) {
      if (i > 0) out += ", ";
      out += '"' + std::string(entries_[pick(entries_.size())]) + '"';
    }
    return '[' + out + ']';
  }

  unsigned pick(std::size_t count) { return static_cast<unsigned>(engine_() % count); }

  std::span<const char* const> entries_;
  std::mt19937 engine_;
};

TEST_CASE("random settings become policies that decide alike, or are refused") {
  std::vector<std::string> probes = paths();
  std::size_t refused = 0;
  for (unsigned seed = 0; seed < 60; ++seed) {
    const std::string json = Random(seed, kMixed).settings();
    CAPTURE(json);
    const Migrated migrated(json, Inexact::refuse);
    if (!migrated.is_exact) {
      // Nothing else cannot be said.
      const bool has_text = json.find("h**env") < json.size() || json.find("/p**") < json.size();
      CHECK(has_text);
      ++refused;
      continue;
    }
    CAPTURE(migrated.text);
    CHECK(differences(migrated, probes) == "");
  }
  CHECK(refused < 10);
}

TEST_CASE("without `**` beside text the policy has the same rules in the same order") {
  for (unsigned seed = 0; seed < 300; ++seed) {
    const std::string json = Random(seed, kNested).settings();
    CAPTURE(json);
    const Migrated migrated(json, Inexact::refuse);
    REQUIRE(migrated.is_exact);
    CAPTURE(migrated.text);
    ir::Policy before = migrated.read;
    before.tmp_candidates.clear();
    CHECK(ir::equal_but_for_places(before, migrated.policy));
  }
}

TEST_CASE("exceptions inside each other open nothing that is denied") {
  const std::vector<std::string> probes = paths();
  for (unsigned seed = 0; seed < 60; ++seed) {
    const std::string json = Random(seed, kNested).settings();
    CAPTURE(json);
    const Migrated migrated(json, Inexact::tighter);
    CAPTURE(migrated.text);
    CHECK_FALSE(differences(migrated, probes).starts_with("looser"));
  }
}

TEST_CASE("what cannot be said exactly comes out tighter, never looser") {
  std::vector<std::string> probes = paths();
  for (unsigned seed = 1000; seed < 1040; ++seed) {
    const std::string json = Random(seed, kMixed).settings();
    CAPTURE(json);
    const Migrated migrated(json, Inexact::tighter);
    REQUIRE(migrated.is_exact);
    CAPTURE(migrated.text);
    const std::string found = differences(migrated, probes);
    CHECK_FALSE(found.starts_with("looser"));
    // Whatever differs is told of.
    CHECK((found.empty() || migrated.text.find("# Tighter") != std::string::npos));
  }
}

TEST_CASE("all that settings say is in the policy") {
  const Migrated migrated(R"({
    "network": {
      "allowedDomains": ["a.example.com:443", "[2001:db8::1]"], "deniedDomains": ["*:22"],
      "deniedDomainReasons": {"*:22": "use \"https\"\nor a \\ $mirror"},
      "deniedResolvedAddresses": ["10.0.0.0/8"], "allowUnixSockets": ["/run/a b.sock"],
      "allowAllUnixSockets": true, "allowLocalBinding": true,
      "allowMachLookup": ["com.example.*"], "httpProxyPort": 3128, "socksProxyPort": 1080,
      "parentProxy": {"http": "http://p:3128", "noProxy": ".example.com"}
    },
    "credentials": {"envVars": [{"name": "TOKEN", "mode": "deny"}]},
    "git": {"safeDirectories": ["/a \"b\""]},
    "allowPty": true, "allowAppleEvents": true, "allowNestedUserNamespaces": true
  })",
                          Inexact::refuse);
  REQUIRE(migrated.is_exact);
  REQUIRE(migrated.policy.rules.size() == migrated.read.rules.size());
  for (std::size_t i = 0; i < migrated.policy.rules.size(); ++i) {
    const ir::Rule& before = migrated.read.rules[i];
    const ir::Rule& after = migrated.policy.rules[i];
    CHECK(after.text == before.text);
    CHECK(after.existing == before.existing);
    CHECK(after.targets == before.targets);
  }
  REQUIRE(migrated.policy.options.size() == migrated.read.options.size());
  for (std::size_t i = 0; i < migrated.policy.options.size(); ++i) {
    CHECK(migrated.policy.options[i].kind == migrated.read.options[i].kind);
    CHECK(migrated.policy.options[i].value == migrated.read.options[i].value);
  }
  REQUIRE(migrated.policy.variables.size() == migrated.read.variables.size());
  for (std::size_t i = 0; i < migrated.policy.variables.size(); ++i) {
    CHECK(migrated.policy.variables[i].name == migrated.read.variables[i].name);
    CHECK(migrated.policy.variables[i].value == migrated.read.variables[i].value);
  }
  CHECK(migrated.text.find("because \"use \\\"https\\\" or a \\\\ \\$mirror\"") !=
        std::string::npos);
}

}  // namespace
}  // namespace srt::settings
