#include "compiler/frontend/settings/migrate.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <random>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/frontend/front_end.h"
#include "compiler/ir/equal.h"
#include "compiler/ir/path_table.h"

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

// The names that paths are made of here: those of the settings below, and one that is none of them.
constexpr std::array kSegments = {"/h", "/p", "/s", "/d", "/a", "/.env", "/x", "/s["};

// A policy's rules about files, with the directories of one arrangement.
class Files {
 public:
  explicit Files(ir::Policy policy)
      : policy_(std::move(policy)), table_(ir::build_path_table(policy_).value()) {}

  void set(const Arrangement& at) {
    ParameterValues values;
    for (const Parameter& parameter : policy_.parameters) {
      values.push_back(parameter.name == "cwd"    ? at.cwd
                       : parameter.name == "home" ? at.home
                                                  : std::string(kNowhere));
    }
    anchors_.clear();
    for (const Template& anchor : policy_.anchors) anchors_.push_back(expand(anchor, values));
  }

  PathTable::Position find(const std::string& path) const { return table_.find(path, anchors_); }
  Access access(const PathTable::Position& position) const {
    return table_.verdict(position).access;
  }

  // Whether a directory that patterns start from lies below `path`: what follows is not told by
  // where the automata are alone.
  bool leads_to_anchor(const std::string& path) const {
    return std::any_of(anchors_.begin(), anchors_.end(), [&](const std::string& anchor) {
      return anchor.starts_with(path + '/') && anchor != kNowhere;
    });
  }

 private:
  ir::Policy policy_;
  PathTable table_;
  std::vector<std::string> anchors_;
};

// How the two decide differently about the paths of these names, however long: `looser` somewhere,
// only `tighter`, or not at all (empty). From where the automata of both have been, paths go on as
// they did.
std::string differences(Files& before, Files& after, const Arrangement& at) {
  before.set(at);
  after.set(at);
  std::string out;
  std::set<std::pair<PathTable::Position, PathTable::Position>> seen;
  std::vector<std::string> open = {""};
  while (!open.empty()) {
    const std::string path = std::move(open.back());
    open.pop_back();
    const auto was = before.find(path);
    const auto is = after.find(path);
    if (before.access(was) != after.access(is)) {
      const bool looser = before.access(was) < after.access(is);
      const std::string found =
          (looser ? "looser: " : "tighter: ") + path + " from " + at.cwd + ", home " + at.home;
      if (looser) return found;
      out = found;
    }
    const bool is_known = !before.leads_to_anchor(path) && !after.leads_to_anchor(path) &&
                          !seen.emplace(was, is).second;
    if (is_known) continue;
    for (const char* segment : kSegments) open.push_back(path + segment);
  }
  return out;
}

std::string differences(const Migrated& migrated) {
  Files settings(migrated.read);
  Files policy(migrated.policy);
  std::string out;
  for (const Arrangement& at : kArrangements) {
    const std::string found = differences(settings, policy, at);
    if (found.starts_with("looser")) return found;
    if (!found.empty()) out = found;
  }
  return out;
}

// Entries of every kind, and such as lie in each other whatever the run's directories are.
constexpr std::array kMixed = {
    ".",      "~",        "/h",        "/h/p",    "/h/p/s",   "~/p",         "~/p/s",
    "./s",    "/d",       "/d/a",      "**/.env", "/**/.env", "/d/**/.env",  "~/*/.env",
    "./.env", "/h/*",     "/h/p/*",    "/*",      "/d/[as]",  "/d/**/*.env", "/h**env",
    "/h/p**", "~/p/.env", "/d/a/.env", "/d/s[",   "./s["};
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
    CHECK(differences(migrated) == "");
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
  for (unsigned seed = 0; seed < 60; ++seed) {
    const std::string json = Random(seed, kNested).settings();
    CAPTURE(json);
    const Migrated migrated(json, Inexact::tighter);
    CAPTURE(migrated.text);
    CHECK_FALSE(differences(migrated).starts_with("looser"));
  }
}

TEST_CASE("what cannot be said exactly comes out tighter, never looser") {
  for (unsigned seed = 1000; seed < 1040; ++seed) {
    const std::string json = Random(seed, kMixed).settings();
    CAPTURE(json);
    const Migrated migrated(json, Inexact::tighter);
    REQUIRE(migrated.is_exact);
    CAPTURE(migrated.text);
    const std::string found = differences(migrated);
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

TEST_CASE("a value of two lines is refused, not written as another one") {
  const Migrated migrated(
      R"({"network": {"parentProxy": {"http": "http://p:1", "noProxy": "a.example\nb"}}})",
      Inexact::refuse);
  CHECK_FALSE(migrated.is_exact);
  CHECK(render(migrated.diagnostics, migrated.sources).find("its value has two lines") !=
        std::string::npos);
}

}  // namespace
}  // namespace srt::settings
