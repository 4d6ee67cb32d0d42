// Reading a policy whatever its format.
#include "compiler/frontend/front_end.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace srt {
namespace {

struct Compiled {
  SourceSet sources;
  Diagnostics diagnostics;
  ir::Policy policy;

  explicit Compiled(std::string_view text) {
    const FileId file = sources.add("policy", std::string(text));
    policy = read_policy(sources, file, diagnostics);
  }

  // Where each rule comes from, neighbours of one file once.
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const ir::Rule& rule : policy.rules) {
      const std::string& name = sources.file(rule.origin.file).name();
      if (names.empty() || names.back() != name) names.push_back(name);
    }
    return names;
  }
};

TEST_CASE("std.world stands before a policy's rules and std.self after them") {
  for (const char* text : {"deny read /a", "\xEF\xBB\xBF# note\ndeny read /a",
                           R"({"filesystem": {"blocked_paths": ["/a"]}})",
                           "// note\n/* more */ {\"filesystem\": {\"blocked_paths\": [\"/a\"]}}"}) {
    CAPTURE(text);
    const Compiled compiled(text);
    CHECK(render(compiled.diagnostics, compiled.sources) == "");
    const auto files = compiled.files();
    REQUIRE(!files.empty());
    CHECK(files.front() == "std.world");
    CHECK(files.back() == "std.self");
    CHECK(std::find(files.begin(), files.end(), "policy") != files.end());
  }
}

TEST_CASE("the modules that are always there are in the set of texts once") {
  const Compiled compiled("use std.world\nuse std.self");
  CHECK(render(compiled.diagnostics, compiled.sources) == "");
  std::vector<FileId> files;
  for (const ir::Rule& rule : compiled.policy.rules) files.push_back(rule.origin.file);
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  CHECK(files.size() == 2);
}

TEST_CASE("write grants bring the reads they need where reading is denied by default") {
  const Compiled compiled("default read deny\ndeny read /a/b\nallow write /a");
  CHECK(render(compiled.diagnostics, compiled.sources) == "");
  const auto& rules = compiled.policy.rules;
  const auto implied = std::find_if(rules.begin(), rules.end(), [](const ir::Rule& rule) {
    return rule.text == "allow read /a (brought by allow write)" && rule.implied;
  });
  const auto written = std::find_if(rules.begin(), rules.end(), [](const ir::Rule& rule) {
    return rule.text == "deny read /a/b";
  });
  REQUIRE(implied != rules.end());
  REQUIRE(written != rules.end());
  CHECK(implied < written);
}

TEST_CASE("an empty text is an empty policy, in either format") {
  for (const char* text : {"", " \n", "# comment\n"}) {
    CAPTURE(text);
    const Compiled compiled(text);
    REQUIRE(compiled.diagnostics.all().size() == 1);
    CHECK(compiled.diagnostics.all()[0].diag == Diag::empty_policy);
  }
}

}  // namespace
}  // namespace srt
