// What each statement means, and how texts become statements.
#include <antlr4-runtime.h>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/ir/reserved_words.h"
#include "grammar/language/PolicyLexer.h"
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
  const Compiled compiled("alow read /a\ndeny reed /b\ndeny read\nallow read /c /d\nlimit cpu 1");
  std::vector<std::string> ids;
  for (const Diagnostic& d : compiled.diagnostics.all()) ids.push_back(kind(d.diag).id);
  std::sort(ids.begin(), ids.end());
  CHECK(ids == Texts{"bad-limit", "syntax", "syntax", "unknown-operation", "unknown-statement"});
}

TEST_CASE("a statement that cannot be read does not take the next one with it") {
  for (const char* broken :
       {"deny read \"/a", "deny read", "policy", "param", "default read maybe", "allow", "use",
        "deny read /a because", "deny read {a,b", "limit { a", "}", "{", ",", "=", "\"a\" b",
        "read /a", "on macso { allow mach x\n allow mach y\n }"}) {
    CAPTURE(broken);
    const Compiled compiled(std::string(broken) + "\ndeny read /next\n");
    CHECK(compiled.diagnostics.count(Severity::error) == 1);
    CHECK(compiled.rules() == Texts{"deny read /next"});
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

TEST_CASE("every operation has its own kind of pattern") {
  CHECK(
      rules_of("allow bind 3000, 8000-8010 publish\nallow unix @x, /run/x.sock, *\n"
               "deny env *_TOKEN, {A,B}_KEY\ndeny syscall @debug, ptrace\nallow mach com.apple.x\n"
               "allow connect a.com:443 tls-name any") ==
      Texts{"allow bind 3000 publish", "allow bind 8000-8010 publish", "allow unix @x",
            "allow unix /run/x.sock", "allow unix *", "deny env *_TOKEN", "deny env A_KEY",
            "deny env B_KEY", "deny syscall @debug", "deny syscall ptrace",
            "allow mach com.apple.x", "allow connect a.com:443 tls-name any"});
}

TEST_CASE("a list stands for its patterns, with any operation and in other lists") {
  CHECK(rules_of("let a = /x, /y\nlet b = $a, /z\ndeny read $b\nallow write \"$a\", /w\n"
                 "let hosts = a.com, b.com:443\nallow connect $hosts") ==
        Texts{"deny read /x", "deny read /y", "deny read /z", "allow write /x", "allow write /y",
              "allow write /w", "allow connect a.com", "allow connect b.com:443"});
  const Compiled compiled("let a = /x\ndeny read $a");
  REQUIRE(compiled.policy.rules.size() == 1);
  CHECK(compiled.sources.text(compiled.policy.rules[0].origin) == "$a");
}

TEST_CASE("what stands in a block holds on its target only") {
  const Compiled compiled(
      "on macos { allow mach x; set env A = \"1\"\nlimit files 7\noption pty\n"
      "expect deny read /a }\non linux { deny read /l }\ndeny read /b");
  CHECK(compiled.messages() == "");
  CHECK(compiled.rules() == Texts{"allow mach x", "deny read /l", "deny read /b"});
  CHECK(compiled.policy.rules[0].targets == Targets::only(Target::macos));
  CHECK(compiled.policy.rules[1].targets == Targets::only(Target::linux));
  CHECK(compiled.policy.rules[2].targets == Targets::all());
  CHECK(compiled.policy.variables[0].targets == Targets::only(Target::macos));
  CHECK(compiled.policy.limits[0].targets == Targets::only(Target::macos));
  CHECK(compiled.policy.options[0].targets == Targets::only(Target::macos));
  CHECK(compiled.policy.expectations[0].targets == Targets::only(Target::macos));
}

TEST_CASE("limits have values in bytes, seconds and things") {
  const Compiled compiled(
      "limit memory 2GiB, files 1024,\n  processes 256, cpu 2min, file-size 3KiB, core 0");
  CHECK(compiled.messages() == "");
  std::vector<std::uint64_t> values;
  for (const ir::LimitSetting& limit : compiled.policy.limits) values.push_back(limit.value);
  CHECK(values == std::vector<std::uint64_t>{std::uint64_t{2} << 30, 1024, 256, 120, 3072, 0});
}

TEST_CASE("a limit or an option of a block replaces what holds everywhere") {
  const Compiled compiled("option http-proxy-port = 1\non macos { option http-proxy-port = 2 }");
  CHECK(compiled.messages() == "");
  using ir::OptionKind;
  CHECK(compiled.policy.option(OptionKind::http_proxy_port, Target::linux) == "1");
  CHECK(compiled.policy.option(OptionKind::http_proxy_port, Target::macos) == "2");
}

TEST_CASE("modifiers stand in their order, and an acceptance has its target") {
  const Compiled compiled(
      "allow connect a.com tls-name any because \"x\" accept looser on linux because \"y\"");
  CHECK(compiled.messages() == "");
  REQUIRE(compiled.policy.rules.size() == 1);
  const ir::Rule& rule = compiled.policy.rules[0];
  CHECK(rule.any_tls_name);
  CHECK(rule.because == "x");
  REQUIRE(rule.accepted);
  CHECK(rule.accepted->because == "y");
  CHECK(rule.accepted->targets == Targets::only(Target::linux));
}

TEST_CASE("a parameter is what its type says") {
  const Compiled compiled("param a: text = x\nparam b : path = /y\ndeny read /d/${a}, ${b}");
  CHECK(compiled.messages() == "");
  CHECK(compiled.policy.parameters[0].type == Parameter::Type::text);
  CHECK(compiled.policy.parameters[1].type == Parameter::Type::path);
}

TEST_CASE("parameters stand for hosts and ports") {
  const Compiled compiled(
      "param registry: host = registry.example.com\nparam port: port\nparam domain: host\n"
      "allow connect ${registry}:443, *.${domain}, localhost:${port}\n"
      "allow bind ${port}, 8000-${port}\ndeny connect ${registry}:22");
  CHECK(compiled.messages() == "");
  CHECK(compiled.policy.parameters[0].type == Parameter::Type::host);
  CHECK(compiled.policy.parameters[1].type == Parameter::Type::port);
  Texts texts;
  for (const ir::Rule& rule : compiled.policy.rules) {
    CHECK(rule.has_parameters());
    texts.push_back(rule.text);
  }
  CHECK(texts == Texts{"allow connect ${registry}:443", "allow connect *.${domain}",
                       "allow connect localhost:${port}", "allow bind ${port}",
                       "allow bind 8000-${port}", "deny connect ${registry}:22"});
}

TEST_CASE("the reserved words are the lexer's, and each has to be quoted as a pattern") {
  std::set<std::string> words;
  for (const std::string_view word : ir::kReservedWords) {
    CAPTURE(word);
    CHECK(Compiled("deny mach " + std::string(word)).diagnostics.has_errors());
    CHECK(rules_of("deny mach \"" + std::string(word) + "\"") ==
          Texts{"deny mach \"" + std::string(word) + "\""});
    words.insert("'" + std::string(word) + "'");
  }
  antlr4::ANTLRInputStream none("");
  const grammar::PolicyLexer lexer(&none);
  const antlr4::dfa::Vocabulary& known = lexer.getVocabulary();
  for (std::size_t type = 1; type <= known.getMaxTokenType(); ++type) {
    const std::string name(known.getLiteralName(type));
    if (name.size() > 3) CHECK(words.contains(name));
  }
}

TEST_CASE(
    "exceptions and enclosing patterns limit each pattern of a deny, and mean what they spell") {
  const Compiled compiled(
      "let open = ./public, /srv/{a,b}\n"
      "deny read ./**/*.key, ~ except $open, ./*.pub within ., /w* existing because \"x\"");
  CHECK(compiled.messages() == "");
  REQUIRE(compiled.policy.rules.size() == 4);
  std::vector<std::string> texts;
  for (const ir::Rule& rule : compiled.policy.rules) {
    texts.push_back(rule.text);
    CHECK(rule.existing);
    REQUIRE(rule.paths().except.size() == 4);
    CHECK(rule.paths().except[0].subtree);
    CHECK_FALSE(rule.paths().except[3].subtree);
  }
  const std::string open = " except ./public, /srv/a, /srv/b, ./*.pub within ";
  CHECK(texts == std::vector<std::string>{"deny read ./**/*.key" + open + ". existing",
                                          "deny read ./**/*.key" + open + "/w* existing",
                                          "deny read ~" + open + ". existing",
                                          "deny read ~" + open + "/w* existing"});
}

TEST_CASE("only denies of files have exceptions and enclosing patterns, in this order") {
  for (const char* text :
       {"allow read /a except /a/b", "deny unix /a within /b", "deny connect a.com except b.com",
        "deny read /a within /b except /a/c", "deny read /a existing except /a/c",
        "deny read /a except", "deny read /a except /b,"}) {
    CAPTURE(text);
    CHECK(Compiled(text).diagnostics.has_errors());
  }
}

void check_same(const ir::Policy& was, const glob::PathPattern& a, const ir::Policy& is,
                const glob::PathPattern& b) {
  CHECK(a.atoms == b.atoms);
  CHECK(a.subtree == b.subtree);
  REQUIRE(a.anchor.has_value() == b.anchor.has_value());
  if (!a.anchor) return;
  CHECK(ir::spell(was, was.anchors[*a.anchor]) == ir::spell(is, is.anchors[*b.anchor]));
}

// The same, but for where it stands and what its spelling leaves out.
void check_same(const ir::Policy& was, const ir::Rule& a, const ir::Policy& is, const ir::Rule& b) {
  CHECK(a.effect == b.effect);
  CHECK(a.operation == b.operation);
  CHECK(a.existing == b.existing);
  CHECK(a.publish == b.publish);
  CHECK(a.any_tls_name == b.any_tls_name);
  REQUIRE(a.subject.index() == b.subject.index());
  if (a.has_names()) {
    CHECK(a.names() == b.names());
  } else if (const auto* ports = std::get_if<net::PortRange>(&a.subject)) {
    CHECK(*ports == b.ports());
  } else if (const auto* hosts = std::get_if<net::HostPattern>(&a.subject)) {
    CHECK(*hosts == b.hosts());
  } else {
    check_same(was, a.paths().pattern, is, b.paths().pattern);
    REQUIRE(a.paths().except.size() == b.paths().except.size());
    for (std::size_t i = 0; i < a.paths().except.size(); ++i) {
      check_same(was, a.paths().except[i], is, b.paths().except[i]);
    }
    REQUIRE(a.paths().within.has_value() == b.paths().within.has_value());
    if (a.paths().within) check_same(was, *a.paths().within, is, *b.paths().within);
  }
}

TEST_CASE("generated rules of every operation read back from their spelling as the same rules") {
  std::mt19937 random(7);
  const auto pick = [&](std::size_t count) { return random() % count; };
  constexpr std::array<std::string_view, 22> kPieces = {
      "a", "read", "on", "*",   "?", "[a-z]", "[!x]", "\\*",   "\\{",   "\\}", " ",
      "#", ",",    ";",  "\\$", ":", "\\\"",  "é",    "\\xff", "\\x0a", "=",   "\\\\"};
  constexpr std::array<std::string_view, 6> kStarts = {
      "/", "./", "~/", "${cwd}/../", "/home/${user}/", "${tmp}/"};
  constexpr std::array<std::string_view, 6> kHosts = {"a.com",      "*.B.org",         "*",
                                                      "10.0.0.0/8", "[2001:db8::/32]", "read"};
  constexpr std::array<std::string_view, 4> kPorts = {"", ":443", ":8000-8100", ":1"};
  std::size_t checked = 0;
  for (int i = 0; i < 4000; ++i) {
    const auto operation = static_cast<ir::Operation>(pick(ir::kOperations.size()));
    const bool allow = pick(2) == 0;
    const auto any_words = [&] {
      std::string words;
      for (std::size_t n = 1 + pick(4); n > 0; --n) words += kPieces[pick(kPieces.size())];
      return words;
    };
    const auto path = [&] { return std::string(kStarts[pick(kStarts.size())]) + any_words(); };
    const std::string words = any_words();
    std::string pattern = words;
    std::string modifiers;
    switch (operation) {
      case ir::Operation::read:
      case ir::Operation::write:
        pattern = std::string(kStarts[pick(kStarts.size())]) + words;
        if (!allow && pick(3) == 0) modifiers += fmt::format(" except \"{}\"", path());
        if (!allow && pick(3) == 0) modifiers += fmt::format(" within \"{}\"", path());
        if (!allow && pick(2) == 0) modifiers += " existing";
        break;
      case ir::Operation::unix:
        pattern = pick(5) == 0
                      ? "*"
                      : std::string(pick(2) == 0 ? "@" : kStarts[pick(kStarts.size())]) + words;
        break;
      case ir::Operation::connect:
        pattern = std::string(kHosts[pick(kHosts.size())]) + std::string(kPorts[pick(4)]);
        if (allow && pick(2) == 0) modifiers = " tls-name any";
        break;
      case ir::Operation::bind:
        pattern = pick(3) == 0 ? "*" : pick(2) == 0 ? "3000" : "8000-8100";
        if (allow && pick(2) == 0) modifiers = " publish";
        break;
      default:
        break;
    }
    const std::string text = fmt::format("{} {} \"{}\"{}", allow ? "allow" : "deny",
                                         ir::to_string(operation), pattern, modifiers);
    const Compiled first(text);
    if (first.diagnostics.has_errors()) continue;  // as `A=b` of `env`
    REQUIRE(first.policy.rules.size() == 1);
    const std::string& spelled = first.policy.rules[0].text;
    CAPTURE(text);
    CAPTURE(spelled);
    const Compiled second(spelled);
    CAPTURE(second.messages());
    REQUIRE(second.policy.rules.size() == 1);
    CHECK_FALSE(second.diagnostics.has_errors());
    check_same(first.policy, first.policy.rules[0], second.policy, second.policy.rules[0]);
    ++checked;
  }
  CHECK(checked > 2000);
}

}  // namespace
}  // namespace srt::language
