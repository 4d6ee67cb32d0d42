// What the texts of path patterns mean, as structure.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/compiler/frontend/language/compile.h"

namespace srt::language {
namespace {

using glob::Atom;

// A pattern in a notation that shows every part: `anchor|literal|*|?|[61-7a]|**|` and `+` for what
// lies beneath. An anchor is `<cwd>`, a step up `^`.
std::string shown(const ir::Policy& policy, const glob::PathPattern& pattern) {
  std::string out;
  if (pattern.anchor) {
    for (const Template::Piece& piece : policy.anchors[*pattern.anchor].pieces) {
      switch (piece.kind) {
        case Template::Piece::Kind::literal:
          out += piece.text;
          break;
        case Template::Piece::Kind::parameter:
          out += fmt::format("<{}>", policy.parameters[piece.parameter].name);
          break;
        case Template::Piece::Kind::parent:
          out += '^';
          break;
      }
    }
  }
  for (const Atom& atom : pattern.atoms) {
    out += '|';
    switch (atom.kind) {
      case Atom::Kind::literal:
        out += atom.bytes;
        break;
      case Atom::Kind::character:
        out += '?';
        break;
      case Atom::Kind::set:
        out += '[';
        for (const auto& [from, to] : atom.set.ranges) out += fmt::format("{:x}-{:x} ", from, to);
        out += ']';
        break;
      case Atom::Kind::run:
        out += '*';
        break;
      case Atom::Kind::segments:
        out += "**";
        break;
      case Atom::Kind::text:
        out += "text";
        break;
    }
  }
  return pattern.subtree ? out + '+' : out;
}

struct Case {
  std::string_view text;
  std::vector<std::string> expected;
};

void check_all(std::string_view statement, const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const Compiled compiled(fmt::format("param dir\nparam name\nparam other = {}\n{} {}\n",
                                        "${cwd}", statement, c.text));
    CHECK_FALSE(compiled.diagnostics.has_errors());
    std::vector<std::string> found;
    for (const ir::Rule& rule : compiled.policy.rules) {
      found.push_back(shown(compiled.policy, rule.paths().pattern));
    }
    CHECK(found == c.expected);
  }
}

TEST_CASE("a plain path is itself and everything beneath it") {
  check_all("allow read", {
                              {"/a/b", {"|/a/b+"}},
                              {"/", {"+"}},
                              {"//a///b/", {"|/a/b+"}},
                              {"/a/./b/../c", {"|/a/c+"}},
                              {"/../a", {"|/a+"}},
                              {"/a/..", {"+"}},
                              {"/.hidden/...", {"|/.hidden/...+"}},
                              {"/a/**", {"|/a+"}},
                              {"/**", {"+"}},
                              {"/a/**/**", {"|/a+"}},
                          });
}

TEST_CASE("a relative pattern starts at the working directory, `~` at home") {
  check_all("allow read", {
                              {"src", {"<cwd>|/src+"}},
                              {".", {"<cwd>+"}},
                              {"./", {"<cwd>+"}},
                              {"./**", {"<cwd>+"}},
                              {"..", {"<cwd>^+"}},
                              {"../../lib", {"<cwd>^^|/lib+"}},
                              {"a/../../b", {"<cwd>^|/b+"}},
                              {"*.c", {"<cwd>|/|*|.c"}},
                              {"~", {"<home>+"}},
                              {"~/", {"<home>+"}},
                              {"~/.ssh", {"<home>|/.ssh+"}},
                              {"~/../x", {"<home>^|/x+"}},
                              {"/a/~", {"|/a/~+"}},
                              {"\\~/x", {"<cwd>|/~/x+"}},
                          });
}

TEST_CASE("an allow glob matches what it spells, a deny glob everything beneath as well") {
  check_all("allow read", {
                              {"/a/*", {"|/a/|*"}},
                              {"/a/*.py", {"|/a/|*|.py"}},
                              {"/a/?x", {"|/a/|?|x"}},
                              {"/**/x", {"|**|/x"}},
                              {"/a/**/b", {"|/a|**|/b"}},
                              {"/a/**/**/b", {"|/a|**|/b"}},
                              {"/a/**/*", {"|/a|**|/|*"}},
                              {"/a/*/**", {"|/a/|*+"}},
                              {"/*/./b", {"|/|*|/b"}},
                              {"./**/.env", {"<cwd>|**|/.env"}},
                          });
  check_all("deny read", {
                             {"/a/*", {"|/a/|*+"}},
                             {"/a/*/**", {"|/a/|*+"}},
                             {"/a/*.py", {"|/a/|*|.py+"}},
                             {"/**/x", {"|**|/x+"}},
                         });
}

TEST_CASE("classes hold characters, never `/`") {
  check_all("allow read", {
                              {"/[abc]", {"|/|[61-63 ]"}},
                              {"/[a-cb-dx]", {"|/|[61-64 78-78 ]"}},
                              {"/[]a]", {"|/|[5d-5d 61-61 ]"}},
                              {"/[!]a]", {"|/|[1-2e 30-5c 5e-60 62-1100ff ]"}},
                              {"/[^a]", {"|/|[1-2e 30-60 62-1100ff ]"}},
                              {"/[a^!]", {"|/|[21-21 5e-5e 61-61 ]"}},
                              {"/[-a]", {"|/|[2d-2d 61-61 ]"}},
                              {"/[a-]", {"|/|[2d-2d 61-61 ]"}},
                              {"/[+-9]", {"|/|[2b-2e 30-39 ]"}},
                              {"/[\\]\\-\\\\]", {"|/|[2d-2d 5c-5d ]"}},
                              {"/[é-ü]", {"|/|[e9-fc ]"}},
                              {"/[\\x41\\xe9]", {"|/|[41-41 1100e9-1100e9 ]"}},
                              {"\"/[ ,]\"", {"|/|[20-20 2c-2c ]"}},
                          });
}

TEST_CASE("C10: escaped wildcards are the characters themselves") {
  check_all("deny read", {
                             {"/\\[WIP\\]\\*\\?", {"|/[WIP]*?+"}},
                             {"/a\\\\b", {"|/a\\b+"}},
                             {"/\\x41\\xff", {"|/A\xFF+"}},
                             {"/a$b", {"|/a$b+"}},
                             {"/\\$\\{cwd\\}", {"|/${cwd}+"}},
                             {"/a\\/..\\/b", {"|/b+"}},
                             {"\\$HOME", {"<cwd>|/$HOME+"}},
                             {"/]", {"|/]+"}},
                         });
}

TEST_CASE("alternatives are expanded first, in the order of their spelling") {
  check_all("deny read", {
                             {"/{a,b}/{c,d}", {"|/a/c+", "|/a/d+", "|/b/c+", "|/b/d+"}},
                             {"/x{a,{b,c}y}", {"|/xa+", "|/xby+", "|/xcy+"}},
                             {"/a{,.bak}", {"|/a+", "|/a.bak+"}},
                             {"/{one}", {"|/one+"}},
                             {"{/a,b,~/c}", {"|/a+", "<cwd>|/b+", "<home>|/c+"}},
                             {"/a/{..,*}/b", {"|/b+", "|/a/|*|/b+"}},
                             {"/{a\\,b,c}", {"|/a,b+", "|/c+"}},
                             {"{${dir},${home}}/x", {"<dir>|/x+", "<home>|/x+"}},
                         });
}

TEST_CASE("a parameter starts a pattern or fills a segment behind literal text") {
  check_all("deny read", {
                             {"${dir}", {"<dir>+"}},
                             {"${dir}/", {"<dir>+"}},
                             {"${dir}/a/*", {"<dir>|/a/|*+"}},
                             {"${dir}/../a", {"<dir>^|/a+"}},
                             {"${dir}/a/..", {"<dir>+"}},
                             {"${tmp}/x", {"<tmp>|/x+"}},
                             {"${env.GOPATH}/pkg", {"<env.GOPATH>|/pkg+"}},
                             {"/home/${name}/x", {"/home/<name>|/x+"}},
                             {"/home/${user}", {"/home/<user>+"}},
                             {"/${user}/${name}/*", {"/<user>/<name>|/|*+"}},
                             {"${dir}/a/${name}/b", {"<dir>/a/<name>|/b+"}},
                             {"src/${name}", {"<cwd>/src/<name>+"}},
                             {"../${name}", {"<cwd>^/<name>+"}},
                             {"/run/${env.SESSION}/s", {"/run/<env.SESSION>|/s+"}},
                             {"/home/${user}/../x", {"|/home/x+"}},
                             {"${other}/x", {"<other>|/x+"}},
                         });
}

TEST_CASE("equal directories share one anchor") {
  const Compiled compiled("deny read ~/a, ${home}/b, ~/c/../*, ./x, ${cwd}, y/../z");
  CHECK_FALSE(compiled.diagnostics.has_errors());
  CHECK(compiled.policy.anchors.size() == 2);
  CHECK(compiled.policy.parameters.size() == 2);
}

TEST_CASE("a declared parameter stands for a path, or for a name where only segments use it") {
  const Compiled compiled(
      "param project = ${cwd}/../p/\n"
      "param branch = main\n"
      "param unused\n"
      "param work = ${project}/w/${branch}/x\n"
      "deny read ${work}\n");
  CHECK_FALSE(compiled.diagnostics.has_errors());
  const ir::Policy& policy = compiled.policy;
  REQUIRE(policy.parameters.size() == 5);
  struct Expected {
    std::string name;
    Parameter::Type type;
    std::string fallback;
  };
  const std::vector<Expected> expected = {
      {"project", Parameter::Type::path, "${cwd}/../p"},
      {"branch", Parameter::Type::text, "main"},
      {"unused", Parameter::Type::path, ""},
      {"work", Parameter::Type::path, "${project}/w/${branch}/x"},
  };
  for (const Expected& e : expected) {
    CAPTURE(e.name);
    const auto found =
        std::find_if(policy.parameters.begin(), policy.parameters.end(),
                     [&](const Parameter& parameter) { return parameter.name == e.name; });
    REQUIRE(found != policy.parameters.end());
    CHECK(found->source == Parameter::Source::declared);
    CHECK(found->type == e.type);
    CHECK((found->fallback ? ir::spell(policy, *found->fallback) : "") == e.fallback);
  }
}

TEST_CASE("the spelling of a rule reads back as the same rule") {
  std::istringstream patterns(R"(/
/a/b
/a/*
/a/**/b
/**/x
/a/*/**
/a/**/*/b
/?x?
.
..
../../x
src/*.py
./**/.env
./policy
./#x
~
~/.ssh
~/../x
\~
\$HOME
${tmp}/a
${env.X}/y
/home/${user}/x
src/${user}/*
/{a,b}/c
/[abc]
/[!a-z]
/[]a]
/[^]a]
/[+-9]
/[\xff]
/[a-\xff]
/[é-ü]x
/[\"]
/[\-\]\^\!]
"/[ ,;]"
/[\x01-\x1f]
/[!\x80-\xff]
/[!豈-\xff]
/\*\?\[\]
/a\{b\}
/\$x
/a\\b
/a\"b
/\xff\x01
/é
"/a b"
"/a,b"
"/a;b#c")");
  for (std::string pattern; std::getline(patterns, pattern);) {
    for (const char* statement : {"allow read", "deny read", "allow write", "deny write"}) {
      CAPTURE(pattern);
      CAPTURE(statement);
      const Compiled first(fmt::format("{} {}", statement, pattern));
      REQUIRE(first.messages() == "");
      for (const ir::Rule& rule : first.policy.rules) {
        CAPTURE(rule.text);
        const Compiled again(rule.text);
        REQUIRE(again.messages() == "");
        REQUIRE(again.policy.rules.size() == 1);
        const ir::Rule& copy = again.policy.rules[0];
        CHECK(copy.text == rule.text);
        CHECK(copy.effect == rule.effect);
        CHECK(copy.operation == rule.operation);
        CHECK(shown(again.policy, copy.paths().pattern) ==
              shown(first.policy, rule.paths().pattern));
      }
    }
  }
}

TEST_CASE("the spelling of a host rule reads back as the same rule") {
  for (const char* host : {"Example.COM.:443", "*.a.org", "*", "10.0.0.0/8:443", "127.1",
                           "[2001:db8::/32]:8000-8100", "[::1]"}) {
    CAPTURE(host);
    const Compiled first(fmt::format("allow connect {}", host));
    REQUIRE(first.messages() == "");
    const Compiled again(first.policy.rules[0].text);
    REQUIRE(again.messages() == "");
    CHECK(again.policy.rules[0].hosts() == first.policy.rules[0].hosts());
  }
}

}  // namespace
}  // namespace srt::language
