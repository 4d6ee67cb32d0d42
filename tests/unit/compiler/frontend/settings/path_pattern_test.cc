#include "compiler/frontend/settings/path_pattern.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/compiler/frontend/settings/naive_decision.h"

namespace srt::settings {
namespace {

using glob::Atom;
using glob::PathPattern;

struct Patterns {
  Patterns(std::string_view text, Format format, Effect effect)
      : all(read_pattern({text, {}}, format, effect, policy, diagnostics)) {}

  // The structure in the policy language, which spells it one to one.
  std::vector<std::string> spelled() const {
    std::vector<std::string> texts;
    for (const PathPattern& pattern : all) texts.push_back(ir::spell(policy, pattern));
    return texts;
  }

  bool match(std::string_view path) const {
    for (const PathPattern& pattern : all) {
      if (matches(policy, pattern, {.cwd = "/w", .home = "/h"}, path)) return true;
    }
    return false;
  }

  ir::Policy policy;
  Diagnostics diagnostics;
  std::vector<PathPattern> all;
};

using Texts = std::vector<std::string>;

Texts npm_allow(std::string_view text) {
  return Patterns(text, Format::npm, Effect::allow).spelled();
}
Texts npm_deny(std::string_view text) {
  return Patterns(text, Format::npm, Effect::deny).spelled();
}
Texts rust_allow(std::string_view text) {
  return Patterns(text, Format::rust_port, Effect::allow).spelled();
}

TEST_CASE("plain paths are folded and reach beneath themselves") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"/a/b", "/a/b"},
      {"/a//b/./c/", "/a/b/c"},
      {"/a/x/../b/.", "/a/b"},
      {"/..", "/"},
      {"/", "/"},
      {"/**", "/"},
      {"/a/**", "/a"},
      {".", "."},
      {"./", "."},
      {"src/", "./src"},
      {"./a/../b", "./b"},
      {"..", "${cwd}/.."},
      {"../../x", "${cwd}/../../x"},
      {"a/../../x", "${cwd}/../x"},
      {"~", "~"},
      {"~/", "~"},
      {"~/**", "~"},
      {"~/.ssh/", "~/.ssh"},
      {"~/../x", "${home}/../x"},
      {"~user/x", "./~user/x"},
      {"a~", "./a~"},
      {"${HOME}/x", "./\\$\\{HOME\\}/x"},
      {"{a,b}", "\"./\\{a,b\\}\""},
      {"a\\b", "./a\\\\b"},
      {"!x", "./!x"},
  };
  for (const auto& [text, expected] : cases) {
    for (const Format format : {Format::npm, Format::rust_port}) {
      for (const Effect effect : {Effect::allow, Effect::deny}) {
        CAPTURE(text);
        const Patterns patterns(text, format, effect);
        CHECK(patterns.spelled() == Texts{expected});
        REQUIRE(patterns.all.size() == 1);
        CHECK(patterns.all[0].subtree);
        CHECK(patterns.all[0].is_plain());
      }
    }
  }
}

TEST_CASE("globs of the npm package become these steps") {
  const std::vector<std::pair<std::string, Texts>> cases = {
      {"*.pem", {"./*.pem"}},
      {"**/.env", {"./**/.env"}},
      {"**/secrets/**", {"./**/secrets"}},
      {"src/**/*.py", {"./src/**/*.py"}},
      {"/a/**/**/b", {"/a/**/b"}},
      {"build/*/", {"./build/*"}},
      {"./x/./*", {"./x/*"}},
      {"../*.txt", {"${cwd}/../*.txt"}},
      {"~/.config/*", {"~/.config/*"}},
      {"a?c", {"./a?c"}},
      {"[a-c]x", {"./[a-c]x"}},
      {"[!a]", {"./[\\!a]"}},
      {"[^a]", {"./[\\^a]"}},
      {"[-a]", {"./[\\-a]"}},
      {"[a-]", {"./[\\-a]"}},
      {"[ab-df]", {"./[a-df]"}},
      {"[é-ë]", {"./[é-ë]"}},
      {"x[]y", {"./x\\[\\][y]"}},
      {"x[b-a]y*", {"./x\\[b-a\\]y*"}},
      {"x[", {"./x[\\[]"}},
      {"x]", {"./x[\\]]"}},
      {"[[]", {"./[\\[]"}},
      {"{a,b}*", {"\"./\\{a,b\\}*\""}},
      {"\\*", {"./\\\\*"}},
      {"a**b", {"./a**b"}},
      {"a***b", {"./a**b"}},
      {"a**/b", {"./a[b]", "./a**/b"}},
      {"*.d/***/x", {"./*.d/*x", "./*.d/***/x"}},
      {"**", {"./**"}},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    CHECK(npm_allow(text) == expected);
  }
}

TEST_CASE("an allow glob of the npm package matches what it spells, a deny what lies beneath too") {
  CHECK_FALSE(Patterns("/a/*", Format::npm, Effect::allow).match("/a/b/c"));
  CHECK_FALSE(Patterns("/a/*/**", Format::npm, Effect::allow).match("/a/b/c"));
  CHECK(Patterns("/a/*", Format::npm, Effect::deny).match("/a/b/c"));
  CHECK(Patterns("/a/*/**", Format::npm, Effect::deny).match("/a/b/c"));
}

TEST_CASE("`**` beside text spans directories") {
  const Patterns spans("/a**z", Format::npm, Effect::allow);
  CHECK(spans.match("/az"));
  CHECK(spans.match("/a/b/z"));
  CHECK(spans.match("/ab/cz"));
  CHECK_FALSE(spans.match("/a/z/b"));
  const Patterns directories("/a**/z", Format::npm, Effect::allow);
  CHECK(directories.match("/az"));
  CHECK(directories.match("/ab/c/z"));
  CHECK_FALSE(directories.match("/abz"));
}

TEST_CASE("`**` alone is what lies below the working directory") {
  const Patterns patterns("**", Format::npm, Effect::allow);
  CHECK(patterns.match("/w/a/b"));
  CHECK_FALSE(patterns.match("/w"));
  CHECK_FALSE(patterns.match("/x"));
}

TEST_CASE("C10: a deny is also the names that its sets spell") {
  CHECK(npm_deny("[WIP]/notes") == Texts{"./[IPW]/notes/**", "./\\[WIP\\]/notes"});
  CHECK(npm_deny("[WIP]/*.key") == Texts{"./[IPW]/*.key/**", "./\\[WIP\\]/*.key/**"});
  CHECK(npm_deny("a*/[b]/c[d]/e") ==
        Texts{"./a*/[b]/c[d]/e/**", "./a\\*/\\[b\\]/c[d]/e/**", "./a\\*/\\[b\\]/c\\[d\\]/e"});
  // `*` and `?` match themselves.
  CHECK(npm_deny("a*/b?") == Texts{"./a*/b?/**"});
  // An allow never is.
  CHECK(npm_allow("[WIP]/notes") == Texts{"./[IPW]/notes"});
}

TEST_CASE("an entry marked literal is a name whatever it holds") {
  ir::Policy policy;
  Diagnostics diagnostics;
  const auto patterns = read_literal_path({"~/[WIP]/*/**", {}}, policy, diagnostics);
  REQUIRE(patterns.size() == 1);
  CHECK(patterns[0].is_plain());
  CHECK(patterns[0].subtree);
  CHECK(ir::spell(policy, patterns[0]) == "~/\\[WIP\\]/\\*/\\*\\*");
}

TEST_CASE("globs of the Rust port start at the root with `**` and reach beneath with `/**`") {
  CHECK(rust_allow("**") == Texts{"/"});
  CHECK(rust_allow("**/*secret*") == Texts{"/**/*secret*"});
  CHECK(rust_allow("**.txt") == Texts{"/**.txt"});
  CHECK(rust_allow("*.txt") == Texts{"./*.txt"});
  CHECK(rust_allow("/Users/*/work/**") == Texts{"/Users/*/work/**"});
  const Patterns beneath("/Users/*/work/**", Format::rust_port, Effect::allow);
  CHECK(beneath.match("/Users/u/work"));
  CHECK(beneath.match("/Users/u/work/a/b"));
  CHECK_FALSE(Patterns("/a/*", Format::rust_port, Effect::allow).match("/a/b/c"));
  // Names are no part of its dialect.
  CHECK(Patterns("[a]", Format::rust_port, Effect::deny).all.size() == 1);
}

TEST_CASE("C9: a glob that ends in `/` matches nothing, which a deny must not") {
  for (const std::string_view text : {"/a/*/", "~/*/."}) {
    for (const Format format : {Format::npm, Format::rust_port}) {
      CAPTURE(text);
      const Patterns deny(text, format, Effect::deny);
      CHECK(deny.all.empty());
      REQUIRE(deny.diagnostics.all().size() == 1);
      CHECK(deny.diagnostics.all()[0].diag == Diag::glob_ends_in_slash);
      const Patterns allow(text, format, Effect::allow);
      CHECK(allow.all.empty());
      REQUIRE(allow.diagnostics.all().size() == 1);
      CHECK(allow.diagnostics.all()[0].diag == Diag::allow_matches_nothing);
    }
  }
}

TEST_CASE("entries that cannot be read are reported") {
  struct Case {
    std::string text;
    Format format;
    Effect effect;
    Diag diag;
  };
  using namespace std::string_literals;
  const std::vector<Case> cases = {
      {"", Format::npm, Effect::allow, Diag::empty_pattern},
      {"a\0b"s, Format::npm, Effect::deny, Diag::nul_in_pattern},
      {std::string(4097, 'a'), Format::npm, Effect::allow, Diag::pattern_too_long},
      {"a/*/../b", Format::npm, Effect::deny, Diag::parent_of_wildcard},
      {"x[a/b]", Format::npm, Effect::allow, Diag::slash_in_class},
      {"x[+-9]", Format::npm, Effect::deny, Diag::slash_in_class},
      {"[!a]", Format::rust_port, Effect::deny, Diag::negated_set},
      {"[^a]", Format::rust_port, Effect::allow, Diag::negated_set},
      {"a**/a**/a**/a**/a**/b", Format::npm, Effect::deny, Diag::too_many_alternatives},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const Patterns patterns(c.text, c.format, c.effect);
    CHECK(patterns.all.empty());
    REQUIRE(patterns.diagnostics.all().size() == 1);
    CHECK(patterns.diagnostics.all()[0].diag == c.diag);
  }
  CHECK(npm_allow(std::string(4096, 'a')).size() == 1);
  CHECK(npm_allow("a**/a**/a**/a**/b").size() == 16);
}

}  // namespace
}  // namespace srt::settings
