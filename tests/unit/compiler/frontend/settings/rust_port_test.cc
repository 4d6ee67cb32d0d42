#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/unit/compiler/frontend/settings/harness.h"
#include "tests/unit/compiler/frontend/settings/naive_decision.h"

namespace srt::settings {
namespace {

using Texts = std::vector<std::string>;
using ir::Operation;

TEST_CASE("the Rust port's settings become grants and then what is blocked") {
  const Compiled compiled(R"({
    "filesystem": {
      "blocked_paths": ["/etc/shadow", "/Users/*/.ssh/**"],
      "allowed_paths": ["/Users/*/work/**", "*.txt"]   // the order in the file says nothing
    },
    "network": {"enabled": true, "allowed_domains": ["*.example.com", "*"]}
  })");
  CHECK(compiled.messages() == Texts{});
  CHECK(compiled.rules() == Texts{"allow write /Users/*/work/**", "allow write ./*.txt",
                                  "deny read /etc/shadow", "deny write /etc/shadow",
                                  "deny read /Users/*/.ssh", "deny write /Users/*/.ssh",
                                  "allow connect *.example.com", "allow connect *"});
  CHECK(compiled.policy.variables.empty());
  CHECK(compiled.policy.tmp_candidates.empty());
}

TEST_CASE("what is blocked stays blocked inside what is allowed") {
  const Compiled compiled(R"({"filesystem": {"allowed_paths": ["**"],
    "blocked_paths": ["/etc/shadow", "**/*secret*"]}})");
  const Place place{.cwd = "/w", .home = "/h"};
  const auto decision = [&](Operation operation, std::string_view path) {
    return decide(compiled.policy, operation, place, path);
  };
  CHECK(decision(Operation::write, "/var/x") == Effect::allow);
  CHECK(decision(Operation::read, "/etc/shadow") == Effect::deny);
  CHECK(decision(Operation::write, "/etc/shadow") == Effect::deny);
  CHECK(decision(Operation::read, "/w/my-secrets/key") == Effect::deny);
  CHECK(decision(Operation::write, "/my-secret") == Effect::deny);
}

TEST_CASE("reads are open and writes closed where nothing is said") {
  const Compiled compiled(R"({"filesystem": {"allowed_paths": []}})");
  const Place place{.cwd = "/w", .home = "/h"};
  CHECK(decide(compiled.policy, Operation::read, place, "/etc/passwd") == Effect::allow);
  CHECK(decide(compiled.policy, Operation::write, place, "/w/x") == Effect::deny);
}

TEST_CASE("a network that is not enabled has no hosts") {
  const Compiled closed(R"({"network": {"enabled": false, "allowed_domains": ["a.example.com"]}})");
  CHECK(closed.rules() == Texts{});
  const Compiled open(R"({"network": {"allowed_domains": ["a.example.com"]}})");
  CHECK(open.rules() == Texts{"allow connect a.example.com"});
}

}  // namespace
}  // namespace srt::settings
