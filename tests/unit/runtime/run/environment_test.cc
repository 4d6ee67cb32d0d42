#include "runtime/run/environment.h"

#include <doctest/doctest.h>

#include <optional>
#include <set>

namespace srt {
namespace {

std::optional<std::string> value(const Environment& environment, const std::string& name) {
  std::optional<std::string> found;
  for (const auto& [key, text] : environment) {
    if (key != name) continue;
    CHECK_FALSE(found);  // no name twice
    found = text;
  }
  return found;
}

Environment made(Environment of_caller, std::uint16_t proxy_port, Environment of_policy = {}) {
  Bundle bundle;
  bundle.defaults.fill(Effect::allow);
  for (auto& [name, value] : of_policy) bundle.variables.push_back({name, value});
  Caller caller;
  caller.environment = std::move(of_caller);
  std::vector<ServedPort> ports;
  if (proxy_port != 0) ports.push_back({proxy_port});
  return command_environment(bundle, caller, {Target::linux, "/tmp/own", proxy_address(ports)});
}

TEST_CASE("the caller's variables stay, in order, with a `TMPDIR` of the command's own") {
  CHECK(made({{"B", "1"}, {"TMPDIR", "/t"}, {"A", ""}}, 0) ==
        Environment{{"B", "1"}, {"A", ""}, {"TMPDIR", "/tmp/own"}});
}

TEST_CASE("P47: with a proxy every variable that leads to one leads to ours") {
  const Environment environment = made({{"HTTPS_PROXY", "http://corp:8080"},
                                        {"all_proxy", "socks5://corp"},
                                        {"NO_PROXY", "*"},
                                        {"no_proxy", "example.com"},
                                        {"npm_config_proxy", "http://corp"},
                                        {"RSYNC_PROXY", "corp:1"}},
                                       3128);
  for (const char* name : {"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY",
                           "all_proxy", "GRPC_PROXY"}) {
    CAPTURE(name);
    CHECK(value(environment, name) == "http://127.0.0.1:3128");
  }
  for (const char* name : {"NO_PROXY", "no_proxy"}) {
    CHECK(value(environment, name) == "localhost,127.0.0.1,::1");
  }
  CHECK(value(environment, "RSYNC_PROXY") == "127.0.0.1:3128");
  CHECK(value(environment, "CLOUDSDK_PROXY_PORT") == "3128");
  CHECK_FALSE(value(environment, "npm_config_proxy"));
}

TEST_CASE("git goes through this program's own way, unless the caller has another") {
  const auto git = [](Environment of_caller, std::uint16_t proxy_port, const char* connector) {
    Bundle bundle;
    bundle.defaults.fill(Effect::allow);
    Caller caller;
    caller.environment = std::move(of_caller);
    return value(
        command_environment(bundle, caller, {Target::linux, "", {.port = proxy_port}, connector}),
        "GIT_SSH_COMMAND");
  };
  CHECK(git({}, 3128, "/usr/bin/srt-run") ==
        "ssh -o 'ProxyCommand=/usr/bin/srt-run --connect %h:%p'");
  CHECK(git({{"GIT_SSH_COMMAND", "ssh -4"}}, 3128, "/usr/bin/srt-run") == "ssh -4");
  CHECK_FALSE(git({}, 0, "/usr/bin/srt-run"));
  CHECK_FALSE(git({}, 3128, ""));
  for (const char* odd : {"/a b/srt-run", "/100%/srt-run", "/it's/srt-run", "/$x/srt-run"}) {
    CHECK_FALSE(git({}, 3128, odd));
  }
}

TEST_CASE("a proxy that asks for a token is given it wherever it is named") {
  Bundle bundle;
  bundle.defaults.fill(Effect::allow);
  const auto environment = [&](bool serves_loopback) {
    return command_environment(bundle, {},
                               {Target::macos,
                                "/t",
                                {.port = 3128,
                                 .socks_port = 0,
                                 .user_info = "srt:f00",
                                 .serves_loopback = serves_loopback}});
  };
  const Environment made = environment(false);
  for (const char* name : {"HTTP_PROXY", "https_proxy", "ALL_PROXY", "FTP_PROXY", "GRPC_PROXY"}) {
    CAPTURE(name);
    CHECK(value(made, name) == "http://srt:f00@127.0.0.1:3128");
  }
  CHECK(value(made, "RSYNC_PROXY") == "srt:f00@127.0.0.1:3128");
  CHECK(value(made, "CLOUDSDK_PROXY_USERNAME") == "srt");
  CHECK(value(made, "CLOUDSDK_PROXY_PASSWORD") == "f00");
  CHECK(value(made, "NO_PROXY") == "localhost,127.0.0.1,::1");
  CHECK_FALSE(value(environment(true), "NO_PROXY"));
}

TEST_CASE("without network no variable leads to a proxy") {
  const Environment environment = made(
      {{"HTTPS_PROXY", "http://corp"}, {"NO_PROXY", "*"}, {"YARN_HTTP_PROXY", "x"}, {"A", "1"}}, 0);
  CHECK(environment == Environment{{"A", "1"}, {"TMPDIR", "/tmp/own"}});
}

TEST_CASE("the policy's variables win over all, the last of several") {
  const Environment environment =
      made({{"CI", "0"}}, 3128,
           {{"CI", "1"}, {"TMPDIR", "/p"}, {"HTTP_PROXY", "none"}, {"X", "1"}, {"X", "2"}});
  CHECK(value(environment, "CI") == "1");
  CHECK(value(environment, "TMPDIR") == "/p");
  CHECK(value(environment, "HTTP_PROXY") == "none");
  CHECK(value(environment, "X") == "2");
}

Bundle::Rule env_rule(Effect effect, const char* names) {
  Bundle::Rule rule = {};
  rule.effect = effect;
  rule.operation = Operation::env;
  rule.subject = *NamePattern::parse(names);
  return rule;
}

Environment filtered(Effect by_default, std::vector<Bundle::Rule> rules) {
  Bundle bundle;
  bundle.defaults.fill(by_default);
  bundle.rules = std::move(rules);
  bundle.variables = {{"SET_TOKEN", "x"}};
  Caller caller;
  caller.environment = {{"PATH", "/bin"},
                        {"GITHUB_TOKEN", "s"},
                        {"AWS_KEY", "s"},
                        {"AWS_REGION", "r"},
                        {"SET_TOKEN", "caller's"}};
  return command_environment(bundle, caller, {Target::linux, "/tmp/own"});
}

TEST_CASE("denied variables are gone, the last rule decides, and what the policy sets stays") {
  CHECK(filtered(Effect::allow,
                 {env_rule(Effect::deny, "*_TOKEN"), env_rule(Effect::deny, "AWS_*"),
                  env_rule(Effect::allow, "AWS_REGION"), env_rule(Effect::deny, "TMPDIR")}) ==
        Environment{
            {"PATH", "/bin"}, {"AWS_REGION", "r"}, {"TMPDIR", "/tmp/own"}, {"SET_TOKEN", "x"}});
}

TEST_CASE("under `default env deny` only what rules allow comes from the caller") {
  CHECK(filtered(Effect::deny, {env_rule(Effect::allow, "PATH")}) ==
        Environment{{"PATH", "/bin"}, {"TMPDIR", "/tmp/own"}, {"SET_TOKEN", "x"}});
}

TEST_CASE("rules and variables for another target change nothing") {
  Bundle::Rule rule = env_rule(Effect::deny, "*");
  rule.targets = Targets::only(Target::macos);
  CHECK(filtered(Effect::allow, {rule}).size() == 6);
}

}  // namespace
}  // namespace srt
