// Inputs that are no policies: one clear message, soon.
#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "compiler/frontend/limits.h"
#include "tests/unit/compiler/frontend/language/compile.h"

namespace srt::language {
namespace {

// Generous, since sanitizers and a busy machine share it: what these tests must not see is work
// that grows with the square of the input, which takes minutes.
constexpr std::chrono::seconds kSoon(20);

void check_one_error(const std::string& text, Diag diag) {
  const auto start = std::chrono::steady_clock::now();
  const Compiled compiled(text);
  CHECK(std::chrono::steady_clock::now() - start < kSoon);
  REQUIRE(compiled.diagnostics.all().size() == 1);
  CHECK(kind(compiled.diagnostics.all()[0].diag).id == kind(diag).id);
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

TEST_CASE("10 MB of garbage give one error") {
  check_one_error(std::string(10'000'000, 'x'), Diag::input_too_large);
}

TEST_CASE("200,000 nested braces give one error") {
  check_one_error("deny read " + std::string(200'000, '{'), Diag::nested_too_deep);
  check_one_error("deny read \"" + std::string(200'000, '{'), Diag::nested_too_deep);
  check_one_error("on macos " + repeated("{ ", 200'000), Diag::syntax);
}

TEST_CASE("200,000 nested brackets give one error") {
  check_one_error("deny read " + std::string(200'000, '['), Diag::pattern_too_long);
}

TEST_CASE("a line of 1 MB gives one error") {
  check_one_error(std::string(1'000'000, 'x'), Diag::unknown_statement);
  check_one_error(repeated("word ", 200'000), Diag::unknown_statement);
  check_one_error("deny read /a " + repeated("\"x\" ", 200'000), Diag::syntax);
  check_one_error("deny read \"" + std::string(1'000'000, 'x'), Diag::unclosed_quote);
}

TEST_CASE("the longest policy is read, one byte more is not") {
  const std::string line = "deny read /a\n";
  const std::string longest = line + std::string(kMaxPolicyBytes - line.size(), '\n');
  CHECK(Compiled(longest).messages() == "");
  check_one_error(longest + "\n", Diag::input_too_large);
}

TEST_CASE("as many rules as there may be are read, one more is not") {
  const std::string thousand = "deny connect a" + repeated(",a", 999) + "\n";
  const std::string most = repeated(thousand, kMaxRules / 1000);
  CHECK(Compiled(most).policy.rules.size() == kMaxRules);
  check_one_error(most + "deny read /x", Diag::too_many_rules);
}

TEST_CASE("alternatives that would fill the memory are counted before they are made") {
  check_one_error(repeated("deny read /{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}\n", 5000),
                  Diag::too_many_rules);
}

TEST_CASE("the longest pattern and the most alternatives are read") {
  const Compiled compiled("deny read /" + std::string(kMaxPatternBytes - 1, 'x') + "\ndeny read /" +
                          repeated("{a,b}", 10));
  CHECK(compiled.messages() == "");
  CHECK(compiled.policy.rules.size() == 1 + kMaxAlternatives);
}

TEST_CASE("one byte more in a pattern, one alternative more or one brace more gives one error") {
  check_one_error("deny read /" + std::string(kMaxPatternBytes, 'x'), Diag::pattern_too_long);
  const std::string most = repeated("a,", kMaxAlternatives - 1);
  CHECK(Compiled("deny read /{" + most + "a}").policy.rules.size() == kMaxAlternatives);
  check_one_error("deny read /{" + most + "a,a}", Diag::too_many_alternatives);
  check_one_error("deny read /" + std::string(kMaxBraceDepth + 1, '{') + "a" +
                      std::string(kMaxBraceDepth + 1, '}'),
                  Diag::nested_too_deep);
}

TEST_CASE("as many statements as there may be cannot be read and are told of one by one") {
  const Compiled most(repeated("x\n", kMaxUnreadable));
  CHECK(most.diagnostics.all().size() == kMaxUnreadable);
  CHECK(most.diagnostics.all().back().diag == Diag::unknown_statement);
  const Compiled more(repeated("x\n", kMaxUnreadable + 1));
  CHECK(more.diagnostics.all().size() == kMaxUnreadable + 1);
  CHECK(more.diagnostics.all().back().diag == Diag::too_many_errors);
}

TEST_CASE("braces may be nested as deep as the limit") {
  const Compiled compiled("deny read /" + std::string(kMaxBraceDepth, '{') + "a" +
                          std::string(kMaxBraceDepth, '}'));
  CHECK(compiled.messages() == "");
  CHECK(compiled.rules() == std::vector<std::string>{"deny read /a"});
}

TEST_CASE("a text of which little can be read is given up") {
  const Compiled compiled(repeated("x\n", 100'000));
  CHECK(compiled.diagnostics.all().size() == kMaxUnreadable + 1);
  CHECK(compiled.diagnostics.all().back().diag == Diag::too_many_errors);
}

}  // namespace
}  // namespace srt::language
