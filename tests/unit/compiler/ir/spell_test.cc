#include <doctest/doctest.h>

#include "compiler/frontend/front_end.h"
#include "tests/support/patterns.h"

// What is spelled reads back as the same rule, so that messages and `migrate` can be trusted.
namespace srt::ir {
namespace {

using test::literal;

// The policy that a text of the policy language is.
Policy read(const std::string& text) {
  SourceSet sources;
  Diagnostics diagnostics;
  const FileId file = sources.add("test.srt", text);
  Policy policy = language::read_policy(sources, file, diagnostics);
  INFO(text, '\n', render(diagnostics, sources));
  REQUIRE_FALSE(diagnostics.has_errors());
  return policy;
}

void check_round_trip(const Policy& policy, const Rule& rule) {
  const std::string text = spell(policy, rule);
  CAPTURE(text);
  const Policy back = read(text);
  REQUIRE(back.rules.size() == 1);
  const glob::PathPattern& pattern = back.rules[0].paths().pattern;
  CHECK(back.rules[0].effect == rule.effect);
  CHECK(back.rules[0].operation == rule.operation);
  CHECK(back.rules[0].existing == rule.existing);
  CHECK(pattern.atoms == rule.paths().pattern.atoms);
  CHECK(pattern.subtree == rule.paths().pattern.subtree);
  CHECK(pattern.anchor.has_value() == rule.paths().pattern.anchor.has_value());
  CHECK(spell(back, back.rules[0]) == text);
}

Rule rule_of(glob::PathPattern pattern, Effect effect = Effect::allow) {
  return {effect, Operation::read, glob::PathSet{std::move(pattern), {}, {}}, false, false, {}, {},
          {}};
}

TEST_CASE("every byte in a name is spelled so that it reads back") {
  const Policy policy = test::policy_with_anchors(2);
  for (unsigned byte = 1; byte < 256; ++byte) {
    if (byte == '/') continue;
    const std::string name(1, static_cast<char>(byte));
    for (const std::string& path : {"/" + name, "/a" + name + "b", "/a" + name}) {
      if (path == "/." || path == "/..") continue;
      check_round_trip(policy, rule_of({{}, {literal(path)}, true}));
    }
  }
}

TEST_CASE("sets are spelled so that they read back, whatever they hold") {
  const Policy policy = test::policy_with_anchors(2);
  const auto check_set = [&](std::vector<std::pair<glob::CodePoint, glob::CodePoint>> ranges) {
    check_round_trip(policy, rule_of({{}, {literal("/"), test::set(std::move(ranges))}, false}));
  };
  for (glob::CodePoint c = 1; c < 0x180; ++c) {
    if (c == '/') continue;
    check_set({{c, c}});
  }
  check_set({{'{', '}'}});
  check_set({{'{', '{'}, {'}', '}'}});
  check_set({{'!', '!'}, {'^', '^'}});
  check_set({{']', ']'}});
  check_set({{'-', '-'}, {'a', 'z'}});
  check_set({{' ', '.'}});
  check_set({{'a', 'b'}});
  check_set({{0x4E00, 0x9FFF}, {0x1F600, 0x1F64F}});
  check_set({{glob::kInvalidByte + 0x80, glob::kInvalidByte + 0xBF}});
  check_set({{1, '.'}, {'0', 'a' - 1}, {'b', glob::kMaxCodePoint}});      // [!a]
  check_set({{1, '.'}, {'0', '|'}, {'~', glob::kMaxCodePoint}});          // [!}]
  check_set({{1, '.'}, {'0', ']' - 1}, {'^' + 1, glob::kMaxCodePoint}});  // [!]^]
}

TEST_CASE("patterns of all kinds read back") {
  const Policy policy = test::policy_with_anchors(2);
  for (const std::optional<glob::AnchorId> anchor : {std::optional<glob::AnchorId>{}, {0}, {1}}) {
    for (const std::vector<glob::Atom>& atoms :
         {std::vector<glob::Atom>{},
          {literal("/a b,c;#d")},
          {literal("/#x")},
          {literal("/~")},
          {literal("/a/"), test::run(), literal(".key")},
          {test::segments(), literal("/.env")},
          {literal("/a"), test::segments(), literal("/"), test::one()},
          {literal("/$HOME\"\\")}}) {
      const bool plain = glob::PathPattern{{}, atoms, false}.is_plain();
      check_round_trip(policy, rule_of({anchor, atoms, true}));
      check_round_trip(policy, rule_of({anchor, atoms, true}, Effect::deny));
      if (!plain) check_round_trip(policy, rule_of({anchor, atoms, false}));
    }
  }
}

// Whether the policy language has just this pattern: it has no `**` beside text, takes one at the
// end as everything beneath, and several in a row as one.
bool is_expressible(const glob::PathPattern& pattern) {
  using Kind = glob::Atom::Kind;
  for (std::size_t i = 0; i < pattern.atoms.size(); ++i) {
    const Kind kind = pattern.atoms[i].kind;
    const bool last = i + 1 == pattern.atoms.size();
    if (kind == Kind::text) return false;
    if (kind == Kind::segments && (last || pattern.atoms[i + 1].kind == kind)) return false;
  }
  return true;
}

TEST_CASE("random rules read back") {
  test::PolicyGenerator random(9, 2);
  const Policy policy = test::policy_with_anchors(2);
  for (int i = 0; i < 300; ++i) {
    glob::PathPattern pattern = random.pattern(3);
    if (is_expressible(pattern)) check_round_trip(policy, rule_of(pattern));
  }
}

TEST_CASE("what has no syntax is spelled in words") {
  Policy policy = test::policy_with_anchors(2);
  glob::PathSet set{{0, {}, true}, {}, glob::PathPattern{1, {}, true}};
  set.except = {{{}, {literal("/a b")}, true}, {1, {literal("/.config")}, true}};
  CHECK(spell(policy, set) == ". except \"/a b\", ~/.config within ~");
  Rule rule{Effect::deny, Operation::write, set, true, false, {}, {}, {}};
  rule.subject = glob::PathSet{{0, {literal("/x")}, true}, {}, {}};
  CHECK(spell(policy, rule) == "deny write ./x existing");
  rule = {Effect::allow,
          Operation::connect,
          net::parse_host_pattern("*.Example.com:443").value(),
          false,
          false,
          {},
          {},
          {}};
  CHECK(spell(policy, rule) == "allow connect *.example.com:443");
}

TEST_CASE("a path without what lies beneath it is spelled as a glob") {
  const auto spelled = [](const std::string& path, bool subtree) {
    return spell(Policy(), glob::PathPattern{{}, {{glob::Atom::Kind::literal, path}}, subtree});
  };
  CHECK(spelled("/a/b[c", true) == "/a/b\\[c");
  CHECK(spelled("/a/b[c", false) == "/a/b\\[[c]");
  CHECK(spelled("/a[", false) == "/a[\\[]");
  CHECK(spelled("/\xC3\xA9", false) == "/[\xC3\xA9]");
  CHECK(spelled("/a\xFE", false) == "/a[\\xfe]");
}

}  // namespace
}  // namespace srt::ir
