#include "runtime/run/way_out.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace srt {
namespace {

using Variables = std::vector<std::pair<std::string, std::string>>;

Result<WayOut> way(const Variables& variables, const Bundle::WaysOut& of_bundle = {}) {
  Bundle bundle;
  bundle.defaults.fill(Effect::allow);
  bundle.ways_out = of_bundle;
  Caller caller;
  caller.environment = variables;
  return choose_way_out(bundle, caller, Target::linux);
}

std::string upstream(const Variables& variables, const Bundle::WaysOut& of_bundle = {}) {
  const Result<WayOut> chosen = way(variables, of_bundle);
  if (!chosen) return chosen.error().message;
  return chosen->upstream ? to_string(*chosen->upstream) : "";
}

bool is_direct(const char* host, const Variables& variables, const Bundle::WaysOut& of_bundle) {
  return way(variables, of_bundle)->direct.contains(net::canonical_host(host).value());
}

TEST_CASE("the bundle's upstream proxy stands before the caller's, `HTTPS_PROXY` before others") {
  CHECK(upstream({}) == "");
  CHECK(upstream({{"http_proxy", "http://a"}}) == "a:80");
  CHECK(upstream({{"http_proxy", "http://a"}, {"HTTPS_PROXY", ""}, {"https_proxy", "b:1"}}) ==
        "b:1");
  CHECK(upstream({{"HTTP_PROXY", "http://a"}, {"HTTPS_PROXY", "http://b"}}) == "b:80");
  CHECK(upstream({{"HTTPS_PROXY", "http://b"}}, {"http://c:3128", ""}) == "c:3128");
  CHECK(upstream({{"ALL_PROXY", "http://b"}}) == "");
}

TEST_CASE("the bundle's list of direct hosts stands before the caller's") {
  CHECK(is_direct("a.test", {{"NO_PROXY", "a.test"}}, {"http://c", ""}));
  CHECK(is_direct("a.test", {{"no_proxy", "a.test"}}, {"http://c", ""}));
  CHECK(is_direct("b.test", {{"NO_PROXY", "a.test"}}, {"http://c", "b.test"}));
  CHECK_FALSE(is_direct("a.test", {{"NO_PROXY", "a.test"}}, {"http://c", "b.test"}));
}

TEST_CASE("an upstream proxy that cannot be used is an error that does not show it") {
  CHECK(upstream({{"HTTPS_PROXY", "https://me:secret@proxy"}}) ==
        "the variable `HTTPS_PROXY`: TLS to an upstream proxy is not supported");
  CHECK(upstream({}, {"http://me:secret@", ""}) ==
        "the bundle's upstream proxy: the upstream proxy's host cannot be read");
}

TEST_CASE("where nothing may leave no upstream proxy is looked at") {
  Caller caller;
  caller.environment = {{"HTTPS_PROXY", "nonsense://"}};
  Bundle bundle;
  bundle.defaults.fill(Effect::deny);
  const Result<WayOut> chosen = choose_way_out(bundle, caller, Target::linux);
  REQUIRE(chosen);
  CHECK_FALSE(chosen->upstream);
}

}  // namespace
}  // namespace srt
