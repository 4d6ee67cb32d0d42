#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/unit/compiler/frontend/settings/harness.h"
#include "tests/unit/compiler/frontend/settings/naive_decision.h"

// What becomes of the keys that speak neither of `denyRead` and its kin nor of domain lists.
namespace srt::settings {
namespace {

using Texts = std::vector<std::string>;

const Place kApart{.cwd = "/w", .home = "/home/u"};

Compiled network(const std::string& members) {
  return Compiled("{\"network\": {" + members + "}}");
}

// The rules about an operation, each with the targets it holds on where that is not all.
Texts rules_of(const Compiled& compiled, ir::Operation operation) {
  Texts texts;
  for (const ir::Rule& rule : compiled.policy.rules) {
    if (rule.operation != operation || rule.origin.file != compiled.file) continue;
    std::string where;
    if (!rule.targets.linux) where = "macos: ";
    if (!rule.targets.macos) where = "linux: ";
    texts.push_back(where + rule.text);
  }
  return texts;
}

Texts options_of(const Compiled& compiled) {
  Texts texts;
  for (const ir::OptionSetting& option : compiled.policy.options) {
    texts.push_back(std::string(ir::info(option.kind).name) +
                    (option.value.empty() ? "" : " = " + option.value) + " @ " +
                    std::string(compiled.sources.text(option.origin)));
  }
  return texts;
}

Texts variables_of(const Compiled& compiled) {
  Texts texts;
  for (const ir::SetVariable& variable : compiled.policy.variables) {
    if (variable.name != "SANDBOX_RUNTIME") texts.push_back(variable.name + '=' + variable.value);
  }
  return texts;
}

TEST_CASE("domains have ports and IPv6 addresses in brackets") {
  const Compiled compiled = network(
      R"("allowedDomains": ["a.example.com:443", "[2001:DB8::1]", "[2001:db8::2]:22"],
         "deniedDomains": ["*:25", "*"])");
  CHECK(compiled.messages() == Texts{});
  CHECK(rules_of(compiled, ir::Operation::connect) ==
        Texts{"allow connect a.example.com:443", "allow connect [2001:db8::1]",
              "allow connect [2001:db8::2]:22", "deny connect *:25", "deny connect *"});
}

TEST_CASE("an IPv6 address without brackets is refused") {
  for (const char* entry : {"2001:db8::1", "2001:db8::1:443", "::1"}) {
    CAPTURE(entry);
    const Compiled compiled = network("\"allowedDomains\": [\"" + std::string(entry) + "\"]");
    REQUIRE(compiled.diagnostics.all().size() == 1);
    CHECK(compiled.diagnostics.all()[0].diag == Diag::bad_host);
  }
}

TEST_CASE("addresses that names must not lead to stand before the allowed domains") {
  const Compiled compiled = network(R"("allowedDomains": ["10.0.0.7:5432", "a.example.com"],
      "deniedResolvedAddresses": ["10.0.0.0/8", "192.168.1.10", "fc00::/7", "2001:db8::1"])");
  CHECK(compiled.messages() == Texts{});
  CHECK(rules_of(compiled, ir::Operation::connect) ==
        Texts{"deny connect 10.0.0.0/8", "deny connect 192.168.1.10", "deny connect [fc00::/7]",
              "deny connect [2001:db8::1]", "allow connect 10.0.0.7:5432",
              "allow connect a.example.com"});
}

TEST_CASE("what is no address is refused in `deniedResolvedAddresses`") {
  for (const char* entry : {"", "example.com", "*", "10.0.0.0/8:443", "[fc00::]/7", "10.0.0.0/33",
                            "10.0.0.1 ", "fc00::/129"}) {
    CAPTURE(entry);
    const Compiled compiled =
        network("\"deniedResolvedAddresses\": [\"" + std::string(entry) + "\"]");
    REQUIRE(compiled.diagnostics.all().size() == 1);
    CHECK(compiled.diagnostics.all()[0].diag == Diag::bad_address);
  }
}

TEST_CASE("unix sockets are paths, whatever characters they hold, or all") {
  CHECK(rules_of(network(R"("allowUnixSockets": ["~/.agent/s", "/run/[x]*.sock"])"),
                 ir::Operation::unix) ==
        Texts{"allow unix ~/.agent/s", R"(allow unix /run/\[x\]\*.sock)"});
  CHECK(rules_of(network(R"("allowAllUnixSockets": true)"), ir::Operation::unix) ==
        Texts{"allow unix *"});
  CHECK(rules_of(network(R"("allowAllUnixSockets": false)"), ir::Operation::unix) == Texts{});
}

TEST_CASE("local ports are granted on macOS, where they are not the command's own") {
  CHECK(rules_of(network(R"("allowLocalBinding": true)"), ir::Operation::bind) ==
        Texts{"macos: allow bind *"});
}

TEST_CASE("services are names, or the beginning of them with one `*`") {
  CHECK(rules_of(network(R"("allowMachLookup": ["com.example.a", "com.example.*", "a?[b"])"),
                 ir::Operation::mach) == Texts{"macos: allow mach com.example.a",
                                               "macos: allow mach com.example.*",
                                               R"(macos: allow mach a\?\[b)"});
  CHECK(rules_of(Compiled(R"({"enableWeakerNetworkIsolation": true})"), ir::Operation::mach) ==
        Texts{"macos: allow mach com.apple.trustd.agent"});
  CHECK(network(R"("allowMachLookup": ["com.*.a", "**", ""])").messages() ==
        Texts{"bad-service: `com.*.a` is not the name of a service @ \"com.*.a\"",
              "bad-service: `**` is not the name of a service @ \"**\"",
              "bad-service: `` is not the name of a service @ \"\""});
}

TEST_CASE("what is asked for and is no rule becomes an option") {
  const Compiled compiled(R"({
    "allowPty": true, "allowAppleEvents": true, "allowNestedUserNamespaces": false
  })");
  CHECK(compiled.messages() == Texts{});
  CHECK(options_of(compiled) == Texts{"pty @ true", "apple-events @ true"});
  CHECK(options_of(Compiled(R"({"allowPty": false})")) == Texts{});
  CHECK(options_of(Compiled(R"({"allowNestedUserNamespaces": true})")) ==
        Texts{"nested = weaker @ true"});
}

TEST_CASE("proxies of the caller's own are named by their ports") {
  CHECK(options_of(network(R"("httpProxyPort": 3128, "socksProxyPort": 1080)")) ==
        Texts{"http-proxy-port = 3128 @ 3128", "socks-proxy-port = 1080 @ 1080"});
}

TEST_CASE("a parent proxy is one for all connections") {
  CHECK(options_of(network(
            R"("parentProxy": {"http": "http://p:3128", "noProxy": ".example.com,10.0.0.0/8"})")) ==
        Texts{"upstream-proxy = http://p:3128 @ \"http://p:3128\"",
              "no-proxy = .example.com,10.0.0.0/8 @ \".example.com,10.0.0.0/8\""});
  CHECK(options_of(network(R"("parentProxy": {"https": "http://p:3128"})")) ==
        Texts{"upstream-proxy = http://p:3128 @ \"http://p:3128\""});
  CHECK(options_of(network(R"("parentProxy": {})")) == Texts{});
  CHECK(network(R"("parentProxy": {"http": "http://p:1", "https": "http://q:1"})").messages() ==
        Texts{"setting-refused: `network.parentProxy.https` is not supported: all connections "
              "leave through one proxy, and `http` names another @ \"http://q:1\""});
  CHECK(network(R"("parentProxy": {"http": "socks5://p:1"})").messages() ==
        Texts{"bad-proxy-url: `socks5://p:1` is not the URL of an HTTP proxy @ \"socks5://p:1\""});
}

TEST_CASE("credentials that are denied are withheld, whatever else is allowed") {
  const Compiled compiled(R"({
    "filesystem": {"denyRead": ["~"], "allowRead": ["~/.netrc", "~/.aws"]},
    "credentials": {
      "files": [{"path": "~/.netrc", "mode": "deny", "injectHosts": ["a.example.com"]},
                {"path": "~/.aws/*.json", "mode": "deny"}],
      "envVars": [{"name": "GH_TOKEN", "mode": "deny"}]
    }
  })");
  CHECK(compiled.messages() == Texts{});
  const auto reads = [&](std::string_view path) {
    return decide(compiled.policy, ir::Operation::read, kApart, path) == Effect::allow;
  };
  CHECK_FALSE(reads("/home/u/.netrc"));
  CHECK_FALSE(reads("/home/u/.aws/a.json"));
  CHECK(reads("/home/u/.aws/config"));
  CHECK(rules_of(compiled, ir::Operation::env) == Texts{"deny env GH_TOKEN"});
}

TEST_CASE("credentials are withheld also where `filesystem.disabled` opens the rest") {
  const Compiled compiled(R"({"filesystem": {"disabled": true},
    "credentials": {"files": [{"path": "~/.netrc", "mode": "deny"}]}})");
  CHECK(decide(compiled.policy, ir::Operation::read, kApart, "/home/u/.netrc") == Effect::deny);
  CHECK(decide(compiled.policy, ir::Operation::read, kApart, "/home/u/.x") == Effect::allow);
}

TEST_CASE("masked credentials are refused, incomplete and wrong ones underlined") {
  const auto files = [](const std::string& entry) {
    return Compiled("{\"credentials\": {\"files\": [" + entry + "]}}").messages();
  };
  CHECK(files(R"({"path": "~/.netrc", "mode": "mask"})") ==
        Texts{"setting-refused: `mask` in `credentials.files` is not supported: real values are "
              "never put into requests here @ \"mask\""});
  CHECK(files(R"({"path": "~/.netrc"})") ==
        Texts{"missing-key: an entry of `credentials.files` has no `mode` @ "
              "{\"path\": \"~/.netrc\"}"});
  CHECK(files(R"({"path": "a", "mode": "denied"})") ==
        Texts{"wrong-type: `credentials.files.mode` must be `\"deny\"` or `\"mask\"`, not `denied` "
              "@ \"denied\""});
  CHECK(files(R"({"path": "a", "mode": "deny", "extrct": "x"})") ==
        Texts{"unknown-key: there is no setting `credentials.files.extrct` @ \"extrct\""});
  CHECK(files("7") ==
        Texts{"wrong-type: an entry of `credentials.files` must be an object, not `7` @ 7"});
  CHECK(Compiled(R"({"credentials": {"envVars": [{"name": "A-B", "mode": "deny"}]}})").messages() ==
        Texts{"bad-variable-name: `A-B` cannot be the name of a variable @ \"A-B\""});
}

TEST_CASE("git is told to trust directories by variables it reads as configuration") {
  CHECK(variables_of(Compiled(R"({"git": {"safeDirectories": ["/a/", "", "/a", "/"]}})")) ==
        Texts{"GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=/a",
              "GIT_CONFIG_KEY_1=safe.directory", "GIT_CONFIG_VALUE_1=/a/*",
              "GIT_CONFIG_KEY_2=safe.directory", "GIT_CONFIG_VALUE_2=/",
              "GIT_CONFIG_KEY_3=safe.directory", "GIT_CONFIG_VALUE_3=/*", "GIT_CONFIG_COUNT=4"});
  CHECK(variables_of(Compiled(
            R"({"git": {"safeDirectories": ["1", "2", "3", "4", "5", "6", "7", "8", "9"]}})")) ==
        Texts{"GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*", "GIT_CONFIG_COUNT=1"});
  CHECK(variables_of(Compiled(R"({"git": {"safeDirectories": []}})")) == Texts{});
}

}  // namespace
}  // namespace srt::settings
