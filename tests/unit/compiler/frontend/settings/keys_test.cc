#include "compiler/frontend/settings/keys.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/compiler/frontend/settings/harness.h"

namespace srt::settings {
namespace {

using Messages = std::vector<std::string>;

// A file with this key alone, and with what an entry of a list has to have beside it.
std::string with(std::string_view path, const std::string& value) {
  std::string text = "\"" + std::string(leaf_of(path)) + "\": " + value;
  const std::string_view parent = section_of(path);
  if (parent.empty()) return "{" + text + "}";
  if (find_key(parent)->type != ValueType::entries) return with(parent, "{" + text + "}");
  for (const Key& key : keys()) {
    if (section_of(key.path) != parent || key.presence != Presence::required) continue;
    if (key.path == path) continue;
    text += ", \"" + std::string(leaf_of(key.path)) + "\": ";
    text += key.type == ValueType::word ? "\"deny\"" : "\"A\"";
  }
  return with(parent, "[{" + text + "}]");
}

// A value of the type that asks for something.
std::string value_of(const Key& key) {
  if (key.path.starts_with("network.parentProxy.http")) return "\"http://proxy.example:3128\"";
  if (key.path == "network.deniedResolvedAddresses") return "[\"10.0.0.0/8\"]";
  if (key.path == "credentials.envVars.name") return "\"TOKEN\"";
  switch (key.type) {
    case ValueType::boolean:
      return "true";
    case ValueType::port:
      return "8080";
    case ValueType::depth:
      return "5";
    case ValueType::text:
      return "\"/usr/bin/x\"";
    case ValueType::word:
      return "\"" + std::string(key.words.front()) + "\"";
    case ValueType::texts:
    case ValueType::paths:
    case ValueType::plain_paths:
      return "[\"a.example.com\"]";
    case ValueType::text_map:
      return "{\"a.example.com\": \"no\"}";
    case ValueType::texts_map:
      return "{\"npm\": [\"/tmp\"]}";
    case ValueType::list:
      return "[{\"path\": \"~/.netrc\"}]";
    case ValueType::object:
    case ValueType::enabling_object:
      return "{\"command\": \"x\"}";
    case ValueType::section:
      return "{}";
    case ValueType::entries:
      return "[]";
  }
  return {};
}

// The value that asks for nothing, or nothing where every value asks for something.
std::string default_of(ValueType type) {
  switch (type) {
    case ValueType::boolean:
      return "false";
    case ValueType::texts:
    case ValueType::paths:
    case ValueType::plain_paths:
    case ValueType::list:
    case ValueType::entries:
      return "[]";
    case ValueType::text_map:
    case ValueType::texts_map:
    case ValueType::object:
    case ValueType::section:
      return "{}";
    default:
      return {};
  }
}

TEST_CASE("every key does what the table says of it") {
  for (const Key& key : keys()) {
    CAPTURE(key.path);
    const Compiled compiled(with(key.path, value_of(key)));
    std::vector<std::string> ids;
    for (const Diagnostic& d : compiled.diagnostics.all()) ids.push_back(kind(d.diag).id);
    const auto has = [&](std::string_view id) {
      return std::find(ids.begin(), ids.end(), id) != ids.end();
    };
    CHECK(has("setting-unused") == (key.treatment == Treatment::unused));
    CHECK(has("setting-refused") == (key.treatment == Treatment::refused));
    CHECK_FALSE(has("unknown-key"));
    CHECK(compiled.diagnostics.has_errors() == (key.treatment == Treatment::refused));
  }
}

TEST_CASE("a key that holds its default is accepted without a word") {
  for (const Key& key : keys()) {
    const std::string value = default_of(key.type);
    if (value.empty()) continue;
    CAPTURE(key.path);
    CHECK(Compiled(with(key.path, value)).messages() == Messages{});
  }
}

TEST_CASE("an empty object that turns something on is not taken for nothing") {
  for (const char* key : {"network.tlsTerminate", "network.mitmProxy", "network.filterRequest"}) {
    CAPTURE(key);
    CHECK(Compiled(with(key, "{}")).diagnostics.has_errors());
  }
}

// What messages say that the key's value has to be.
std::string described(const Key& key) {
  if (key.type != ValueType::word) return std::string(describe(key.type));
  std::string out;
  for (const std::string_view word : key.words) {
    out += (out.empty() ? "`\"" : " or `\"") + std::string(word) + "\"`";
  }
  return out;
}

TEST_CASE("every key refuses other types, naming the one it has") {
  for (const Key& key : keys()) {
    CAPTURE(key.path);
    const Compiled compiled(with(key.path, "null"));
    CHECK(compiled.messages() == Messages{"wrong-type: `" + std::string(key.path) + "` must be " +
                                          described(key) + ", not `null` @ null"});
  }
}

TEST_CASE("what a key cannot hold is underlined") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"filesystem": {"allowWrite": "."}})",
       "wrong-type: `filesystem.allowWrite` must be a list of paths, not a string @ \".\""},
      {R"({"filesystem": {"denyRead": ["a", 5]}})",
       "wrong-type: an entry of `filesystem.denyRead` must be a path in double quotes or "
       "`{\"path\": …, \"literal\": true}`, not `5` @ 5"},
      {R"({"filesystem": {"denyRead": [{"path": "a"}]}})",
       "wrong-type: an object in `filesystem.denyRead` must be `{\"path\": \"…\", \"literal\": "
       "true}`, not an object @ {\"path\": \"a\"}"},
      {R"({"filesystem": {"denyRead": [{"path": "a", "literal": false}]}})",
       "wrong-type: an object in `filesystem.denyRead` must be `{\"path\": \"…\", \"literal\": "
       "true}`, not an object @ {\"path\": \"a\", \"literal\": false}"},
      {R"({"filesystem": {"allowed_paths": [["a"]]}})",
       "wrong-type: an entry of `filesystem.allowed_paths` must be a path in double quotes, not a "
       "list @ [\"a\"]"},
      {R"({"network": {"httpProxyPort": 0}})",
       "wrong-type: `network.httpProxyPort` must be a whole number from 1 to 65535, not `0` @ 0"},
      {R"({"network": {"httpProxyPort": 80.5}})",
       "wrong-type: `network.httpProxyPort` must be a whole number from 1 to 65535, not `80.5` @ "
       "80.5"},
      {R"({"mandatoryDenySearchDepth": 11})",
       "wrong-type: `mandatoryDenySearchDepth` must be a whole number from 1 to 10, not `11` @ 11"},
      {R"({"ignoreViolations": {"npm": "/tmp"}})",
       "wrong-type: `npm` in `ignoreViolations` must be a list of strings, not a string @ "
       "\"/tmp\""},
      {R"({"network": {"deniedDomainReasons": {"a.com": 1}}})",
       "wrong-type: `a.com` in `network.deniedDomainReasons` must be a string, not `1` @ 1"},
      {R"([])", "settings-not-object: settings are a JSON object, not a list @ []"},
      {R"("x")", "settings-not-object: settings are a JSON object, not a string @ \"x\""},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    const Messages messages = Compiled(text).messages();
    REQUIRE_FALSE(messages.empty());
    CHECK(messages[0] == expected);
  }
}

TEST_CASE("an unknown key is named with the one that was meant") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"network": {"alowedDomains": []}})", "did you mean `network.allowedDomains`?"},
      {R"({"network": {"allowed_domain": []}})", "did you mean `network.allowed_domains`?"},
      {R"({"filesystem": {"denyread": []}})", "did you mean `filesystem.denyRead`?"},
      {R"({"allowWrite": []})", "did you mean `filesystem.allowWrite`?"},
      {R"({"netwrok": {}})", "did you mean `network`?"},
      {R"({"network.allowedDomains": []})", "did you mean `network.allowedDomains`?"},
      {R"({"permissions": {}})", "a key that begins with `_` or `//` is taken for a comment"},
  };
  for (const auto& [text, help] : cases) {
    CAPTURE(text);
    const Compiled compiled(text);
    REQUIRE(compiled.diagnostics.all().size() == 1);
    CHECK(compiled.diagnostics.all()[0].diag == Diag::unknown_key);
    CHECK(compiled.diagnostics.all()[0].help == help);
  }
}

TEST_CASE("a message repeats a key as the file spells it, and long ones in part") {
  CHECK(Compiled("{\"a\\nb\": 1}").messages() ==
        Messages{"unknown-key: there is no setting `a\\nb` @ \"a\\nb\""});
  const Compiled compiled("{\"" + std::string(100'000, 'k') + "\": 1}");
  REQUIRE(compiled.diagnostics.all().size() == 1);
  CHECK(compiled.diagnostics.all()[0].text ==
        "there is no setting `" + std::string(80, 'k') + "…`");
}

TEST_CASE("keys that begin as comments do are passed over") {
  const Compiled compiled(R"({
    "$schema": "https://example.com/schema.json", "_why": [1], "//": {"x": 1},
    "network": {"// hosts": 1, "_": null}
  })");
  CHECK(compiled.messages() == Messages{});
}

TEST_CASE("a file with keys of both formats is refused once") {
  const Compiled compiled(R"({
    "filesystem": {"denyRead": ["~/.ssh"], "blocked_paths": ["/etc"]},
    "network": {"enabled": false, "allowedDomains": []}
  })");
  CHECK(compiled.messages() ==
        Messages{"mixed-formats: `filesystem.blocked_paths` is a setting of the Rust port, but "
                 "`filesystem.denyRead` above is one of the npm package @ \"blocked_paths\""});
}

TEST_CASE("all problems of a file are found in one run") {
  const Compiled compiled(R"({
    "network": {"allowedDomains": ["bad host", 7], "nope": 1, "mitmProxy": {}},
    "filesystem": {"denyRead": ["", "a/*/../b"], "allowWrite": {}},
    "network": {}
  })");
  std::vector<std::string> ids;
  for (const Diagnostic& d : compiled.diagnostics.all()) ids.push_back(kind(d.diag).id);
  std::sort(ids.begin(), ids.end());
  CHECK(ids == std::vector<std::string>{"bad-host", "duplicate-key", "empty-pattern",
                                        "parent-of-wildcard", "setting-refused", "unknown-key",
                                        "wrong-type", "wrong-type"});
}

}  // namespace
}  // namespace srt::settings
