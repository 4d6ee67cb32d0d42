// What each statement means, and how texts become statements.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/unit/compiler/frontend/language/compile.h"

namespace srt::language {
namespace {

using Texts = std::vector<std::string>;

Texts rules_of(std::string_view text) {
  const Compiled compiled(text);
  INFO(compiled.messages());
  CHECK(compiled.diagnostics.all().empty());
  return compiled.rules();
}

TEST_CASE("a policy has a name, and needs no rules") {
  const Compiled compiled(R"(policy "build \"fast\"")");
  CHECK(compiled.messages() == "");
  CHECK(compiled.policy.name == "build \"fast\"");
  CHECK(compiled.policy.rules.empty());
}

TEST_CASE("a statement with several patterns gives one rule for each, in order") {
  CHECK(rules_of("allow write /a, /b\ndeny read /c\nallow connect example.com:443, *.org") ==
        Texts{"allow write /a", "allow write /b", "deny read /c", "allow connect example.com:443",
              "allow connect *.org"});
}

TEST_CASE("a default replaces the operation's own") {
  const Compiled compiled("default read deny; default write allow; default connect allow");
  CHECK(compiled.messages() == "");
  CHECK(compiled.policy.default_of(ir::Operation::read) == Effect::deny);
  CHECK(compiled.policy.default_of(ir::Operation::write) == Effect::allow);
  CHECK(compiled.policy.default_of(ir::Operation::connect) == Effect::allow);
}

TEST_CASE("`existing` and `because` hold for every pattern of their statement") {
  const Compiled compiled(R"(deny write /a, /b existing because "it \"runs\" later")");
  CHECK(compiled.messages() == "");
  REQUIRE(compiled.policy.rules.size() == 2);
  for (const ir::Rule& rule : compiled.policy.rules) {
    CHECK(rule.existing);
    CHECK(rule.because == "it \"runs\" later");
  }
  CHECK(compiled.policy.rules[1].text == "deny write /b existing");
}

TEST_CASE("a statement ends at a newline or a semicolon and goes on after a comma") {
  CHECK(rules_of("allow write /a,\n\n  # a comment between\n   /b; deny read /c\r\ndeny read /d") ==
        Texts{"allow write /a", "allow write /b", "deny read /c", "deny read /d"});
}

TEST_CASE("a comment begins at the start of a line or after whitespace only") {
  CHECK(rules_of("# first line\nallow read /a#b # rest\n\t# indented\nallow read /c,#d\n#last") ==
        Texts{"allow read \"/a#b\"", "allow read /c", "allow read \"./#d\""});
}

TEST_CASE("a byte order mark is no part of the first statement") {
  const Compiled compiled("\xEF\xBB\xBF# comment\nallow read /a");
  CHECK(compiled.messages() == "");
  REQUIRE(compiled.policy.rules.size() == 1);
  CHECK(compiled.sources.text(compiled.policy.rules[0].origin) == "/a");
}

TEST_CASE("quotes only delimit: wildcards, `~` and parameters mean the same inside them") {
  CHECK(rules_of(R"(allow read "~/a b/*.c", "${cwd}/x,y", "policy", "a;b")") ==
        Texts{"allow read \"~/a b/*.c\"", "allow read \"./x,y\"", "allow read ./policy",
              "allow read \"./a;b\""});
}

TEST_CASE("commas and semicolons inside braces do not end an atom") {
  CHECK(rules_of("allow read /{a,b;c}/d, /e") ==
        Texts{"allow read /a/d", "allow read \"/b;c/d\"", "allow read /e"});
}

TEST_CASE("escaped braces, commas and quotes are part of an atom") {
  CHECK(rules_of(R"(allow read /a\{b, /c\,d, /e\"f)") ==
        Texts{R"(allow read /a\{b)", R"(allow read "/c,d")", R"(allow read /e\"f)"});
}

TEST_CASE("words that only begin like a reserved word are patterns") {
  CHECK(rules_of("allow read policy.md, /read, default-x, param_") ==
        Texts{"allow read ./policy.md", "allow read /read", "allow read ./default-x",
              "allow read ./param_"});
}

TEST_CASE("text that is not ASCII has its origin at exact bytes") {
  const Compiled compiled("deny read /Ünïcode, /x");
  CHECK(compiled.messages() == "");
  REQUIRE(compiled.policy.rules.size() == 2);
  CHECK(compiled.sources.text(compiled.policy.rules[0].origin) == "/Ünïcode");
  CHECK(compiled.sources.text(compiled.policy.rules[1].origin) == "/x");
}

TEST_CASE("a module's rules stand where it is used, as often as it is used") {
  const Compiled once("use std.protect");
  CHECK(once.messages() == "");
  const std::size_t count = once.policy.rules.size();
  const Compiled twice("deny read /a\nuse std.protect\nuse \"std.protect\"\ndeny read /b");
  CHECK(twice.messages() == "");
  REQUIRE(twice.policy.rules.size() == 2 * count + 2);
  const ir::Rule& first = twice.policy.rules[1];
  const ir::Rule& again = twice.policy.rules[1 + count];
  CHECK(first.text == once.policy.rules[0].text);
  CHECK(first.text == again.text);
  CHECK(first.origin == again.origin);
  CHECK(twice.sources.file(first.origin.file).name() == "std.protect");
  CHECK(twice.policy.rules.back().text == "deny read /b");
}

TEST_CASE("every problem of a file is reported in one run") {
  const Compiled compiled("alow read /a\ndeny reed /b\ndeny read\nallow read /c /d\nlimit cpu 1s");
  std::vector<std::string> ids;
  for (const Diagnostic& d : compiled.diagnostics.all()) ids.push_back(kind(d.diag).id);
  std::sort(ids.begin(), ids.end());
  CHECK(ids == Texts{"syntax", "syntax", "unknown-operation", "unknown-statement", "unsupported"});
}

TEST_CASE("a statement that cannot be read does not take the next one with it") {
  for (const char* broken :
       {"deny read \"/a", "deny read", "policy", "param", "default read maybe", "allow", "use",
        "deny read /a because", "deny read {a,b", "limit { a", "}", "{", ",", "=", "\"a\" b",
        "read /a", "on macos { allow mach x\n allow mach y\n }"}) {
    CAPTURE(broken);
    const Compiled compiled(std::string(broken) + "\ndeny read /next\n");
    CHECK(compiled.diagnostics.count(Severity::error) == 1);
    const bool swallows = std::string_view(broken) == "limit { a";
    CHECK(compiled.rules() == (swallows ? Texts{} : Texts{"deny read /next"}));
  }
}

TEST_CASE("messages never show the parser's own words") {
  for (const char* broken : {"deny",
                             "deny read",
                             "deny read ,",
                             "deny read /a,",
                             "deny read /a because",
                             "policy x",
                             "param =",
                             "param a =",
                             "use",
                             "use ,",
                             "default",
                             "default read",
                             "allow read /a = /b",
                             "on {",
                             "deny read existing",
                             "\x01",
                             "allow read \x01\x02 \x03",
                             "= = =",
                             "{{{",
                             "}}}"}) {
    CAPTURE(broken);
    const Compiled compiled(broken);
    CHECK(compiled.diagnostics.has_errors());
    for (const char* word : {"mismatched", "extraneous", "viable", "token", "EOF", "<", "ATOM"}) {
      CAPTURE(compiled.messages());
      CHECK(compiled.messages().find(word) == std::string::npos);
    }
  }
}

}  // namespace
}  // namespace srt::language
