// Laws of tests/support/laws.h, on policies and settings made up from seeds: a failure prints the
// seed and the text.
#include "tests/support/laws.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <set>
#include <string>

#include "compiler/frontend/front_end.h"
#include "compiler/frontend/language/parse.h"
#include "compiler/ir/reserved_words.h"
#include "tests/support/random_policy.h"
#include "tests/support/random_settings.h"

namespace srt {
namespace {

constexpr std::uint32_t kPolicies = 600;
constexpr std::uint32_t kSettings = 300;

TEST_CASE("random policies are accepted, formatted and spelled without a change") {
  for (std::uint32_t seed = 0; seed < kPolicies; ++seed) {
    const std::string text = test::random_policy(seed);
    CAPTURE(seed);
    CAPTURE(text);
    SourceSet sources;
    Diagnostics diagnostics;
    language::read_policy(sources, sources.add("policy.srt", text), diagnostics);
    REQUIRE_MESSAGE(!diagnostics.has_errors(), render(diagnostics, sources));
    REQUIRE(test::breach_of_policy_laws(text) == "");
  }
}

TEST_CASE("random policies use every word of the language, and every name that stands in a table") {
  std::set<std::string, std::less<>> words;
  for (std::uint32_t seed = 0; seed < kPolicies; ++seed) {
    SourceSet sources;
    const FileId file = sources.add("policy.srt", test::random_policy(seed));
    std::string before;
    for (const language::Token& token : language::tokenize(sources, file)) {
      if (token.kind != language::Token::Kind::word) continue;
      words.insert(std::string(token.text));
      words.insert(before + ' ' + std::string(token.text));
      before = token.text;
    }
  }
  const auto check = [&](const std::string& word) {
    CAPTURE(word);
    CHECK(words.contains(word));
  };
  for (const std::string_view word : ir::kReservedWords) check(std::string(word));
  for (const OperationInfo& operation : kOperations) {
    for (const char* effect : {"allow ", "deny "}) check(effect + std::string(operation.name));
  }
  for (const LimitInfo& limit : kLimits) check("limit " + std::string(limit.name));
  for (const ir::OptionInfo& option : ir::kOptions) check("option " + std::string(option.name));
  for (const auto type : {Parameter::Type::path, Parameter::Type::text, Parameter::Type::host,
                          Parameter::Type::port}) {
    check(std::string(to_string(type)));
  }
  for (const Target target : kTargets) check("on " + std::string(to_string(target)));
}

TEST_CASE("random settings of both formats migrate to the policy that they are") {
  for (const settings::Format format : {settings::Format::npm, settings::Format::rust_port}) {
    for (std::uint32_t seed = 0; seed < kSettings; ++seed) {
      const std::string text = test::random_settings(format, seed);
      CAPTURE(seed);
      CAPTURE(text);
      SourceSet sources;
      Diagnostics diagnostics;
      settings::read_policy(sources, sources.add("settings.json", text), diagnostics);
      REQUIRE_MESSAGE(!diagnostics.has_errors(), render(diagnostics, sources));
      REQUIRE(test::breach_of_settings_laws(text) == "");
    }
  }
}

}  // namespace
}  // namespace srt
