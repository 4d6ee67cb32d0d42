#include "runtime/base/name_pattern.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace srt {
namespace {

bool matches(const std::string& pattern, const std::string& name) {
  return NamePattern::parse(pattern).value().matches(name);
}

TEST_CASE("names match as they are spelled") {
  CHECK(matches("PATH", "PATH"));
  CHECK_FALSE(matches("PATH", "PATHS"));
  CHECK_FALSE(matches("PATH", "path"));
  CHECK(matches("*", "ANY"));
  CHECK(matches("*", ""));
  CHECK(matches("*_TOKEN", "GITHUB_TOKEN"));
  CHECK(matches("*_TOKEN", "_TOKEN"));
  CHECK_FALSE(matches("*_TOKEN", "GITHUB_TOKENS"));
  CHECK(matches("AWS_*", "AWS_"));
  CHECK(matches("*A*B*", "xAyABz"));
  CHECK_FALSE(matches("*A*B*", "BA"));
  CHECK(matches("X?", "X1"));
  CHECK_FALSE(matches("X?", "X"));
  CHECK(matches("[A-Cx]1", "B1"));
  CHECK(matches("[A-Cx]1", "x1"));
  CHECK_FALSE(matches("[A-C]1", "D1"));
  CHECK(matches("[!A]1", "D1"));
  CHECK_FALSE(matches("[^A]1", "A1"));
  CHECK(matches("[]a]", "]"));
  CHECK(matches("[a-]", "-"));
  CHECK(matches("[\\]]", "]"));
  CHECK(matches("\\*", "*"));
  CHECK_FALSE(matches("\\*", "a"));
  CHECK(matches("\\\\[a]", "\\a"));
}

TEST_CASE("a text that is no pattern says what to write") {
  CHECK(NamePattern::parse("").error().help == "write `*` for every name");
  CHECK(NamePattern::parse("[a").error().message == "a `[` has no `]`");
  CHECK(NamePattern::parse("a\\").error().help == "write `\\\\` for a backslash");
  CHECK_FALSE(NamePattern::parse(std::string("a\0b", 3)));
}

TEST_CASE("a pattern without wildcards is a name") {
  CHECK(NamePattern::parse("a\\*b").value().is_literal());
  CHECK(NamePattern::parse("a\\*b").value().literal() == "a*b");
  CHECK_FALSE(NamePattern::parse("a*").value().is_literal());
  CHECK_FALSE(NamePattern::parse("[a]").value().is_literal());
}

// Slow and plain: what each construct means, by recursion.
bool slow(std::string_view p, std::string_view s) {
  if (p.empty()) return s.empty();
  if (p[0] == '*') return slow(p.substr(1), s) || (!s.empty() && slow(p, s.substr(1)));
  return !s.empty() && (p[0] == '?' || p[0] == s[0]) && slow(p.substr(1), s.substr(1));
}

TEST_CASE("every pattern of up to four signs agrees with the plain reading on every short name") {
  const auto words = [](const std::string& signs, std::size_t most) {
    std::vector<std::string> out = {""};
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (out[i].size() == most) continue;
      for (const char c : signs) out.push_back(out[i] + c);
    }
    return out;
  };
  for (const std::string& pattern : words("ab*?", 4)) {
    if (pattern.empty()) continue;
    for (const std::string& name : words("ab", 5)) {
      if (matches(pattern, name) == slow(pattern, name)) continue;
      CAPTURE(pattern);
      CAPTURE(name);
      CHECK(matches(pattern, name) == slow(pattern, name));
    }
  }
}

}  // namespace
}  // namespace srt
