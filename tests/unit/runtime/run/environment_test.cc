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
  Places places;
  places.tmp = "/tmp/own";
  return command_environment(bundle, caller, places, proxy_port);
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

}  // namespace
}  // namespace srt
