// Limits of settings at their edges: what is as large as it may be is read, one more is one error.
#include <doctest/doctest.h>

#include <string>

#include "compiler/frontend/front_end.h"
#include "compiler/frontend/limits.h"

namespace srt::settings {
namespace {

struct Read {
  explicit Read(std::string text) {
    policy =
        settings::read_policy(sources, sources.add("settings.json", std::move(text)), diagnostics);
  }

  // The ids of all messages.
  std::string ids() const {
    std::string out;
    for (const Diagnostic& d : diagnostics.all()) out += kind(d.diag).id + ' ';
    return out;
  }

  SourceSet sources;
  Diagnostics diagnostics;
  ir::Policy policy;
};

std::string settings(const std::string& key, const std::string& first, std::size_t more = 0) {
  std::string out = R"({"filesystem": {")" + key + R"(": [")" + first + '"';
  for (std::size_t i = 0; i < more; ++i) out += ",\"/a\"";
  return out + "]}}";
}

TEST_CASE("as many rules as there may be are read, one more is not") {
  const Read most(settings("allowed_paths", "/a", kMaxRules - 1));
  CHECK(most.ids() == "");
  CHECK(most.policy.rules.size() == kMaxRules);
  CHECK(Read(settings("allowed_paths", "/a", kMaxRules)).ids() == "too-many-rules ");
}

TEST_CASE("the longest pattern is read, one byte more is not") {
  const std::string longest = "/" + std::string(kMaxPatternBytes - 1, 'x');
  for (const char* key : {"denyRead", "allowWrite", "allowed_paths", "blocked_paths"}) {
    CAPTURE(key);
    CHECK(Read(settings(key, longest)).ids() == "");
    CHECK(Read(settings(key, longest + "x")).ids() == "pattern-too-long ");
  }
}

TEST_CASE("as many denied paths as can be held against allowed ones are read, one more is not") {
  constexpr std::size_t kWritableByDefault = 2;
  const std::size_t most = kMaxReadPairs / kWritableByDefault;
  CHECK(Read(settings("denyRead", "/a", most - 1)).ids() == "");
  CHECK(Read(settings("denyRead", "/a", most)).ids() == "too-many-read-pairs ");
}

}  // namespace
}  // namespace srt::settings
