// Every message of the language and of its patterns, with the exact place that it names.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/compiler/frontend/language/compile.h"

namespace srt::language {
namespace {

// A text in which `«` and `»` enclose what the message underlines, and what its help contains.
struct Case {
  Diag diag;
  std::string text;
  std::string_view help;
};

std::string repeated(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

std::vector<Case> cases() {
  return {
      {Diag::empty_policy, "«»", "policy \"name\""},
      {Diag::empty_policy, "«»# nothing but a comment\n\n", "policy \"name\""},
      {Diag::bad_utf8, "deny read /a«\xFF»", "\\xff"},
      {Diag::bad_utf8, "deny read /a«\xC3»/b", "\\xc3"},
      {Diag::nul_byte, std::string("deny read /a«\0»b", 18), "text file"},

      {Diag::syntax, "deny read«\n»", ""},
      {Diag::syntax, "deny read /a,«»", ""},
      {Diag::syntax, "deny read «policy»", "\"policy\""},
      {Diag::syntax, "deny read /a «/b»", "commas"},
      {Diag::syntax, "deny read /a because \"x\" «existing»", "before `because`"},
      {Diag::syntax, "deny read /a because «x»", "because \"…\""},
      {Diag::syntax, "policy «agent»", "policy \"agent\""},
      {Diag::syntax, "policy \"a\" «\"b\"»", "`;`"},
      {Diag::syntax, "param «=» /x", ""},
      {Diag::syntax, "param a =«»", ""},
      {Diag::syntax, "param a «/x»", "param name = default"},
      {Diag::syntax, "default read «maybe»", ""},
      {Diag::syntax, "use«»", ""},
      {Diag::syntax, "on macos { allow mach x«»", ""},
      {Diag::unclosed_quote, "deny read «\"/a»\ndeny read /b", "`\"`"},
      {Diag::unclosed_quote, "«\"/a»", "`\"`"},
      {Diag::unknown_statement, "«alow» read /a", "`allow`"},
      {Diag::unknown_statement, "«frobnicate»", "`policy`, `param`"},
      {Diag::unknown_statement, "«read» /a", "allow read"},
      {Diag::unknown_statement, "deny read /a\n«because» \"x\"", "after a comma"},
      {Diag::unknown_statement, "«//» comment", "`#`"},
      {Diag::unknown_operation, "deny «raed» /a", "`read`"},
      {Diag::unknown_operation, "deny «/tmp»", "deny read"},
      {Diag::unknown_operation, "default «wriet» allow", "`write`"},
      {Diag::unsupported, "«limit» memory 2GiB, files 10", ""},
      {Diag::unsupported, "«set» env CI = \"1\"", ""},
      {Diag::unsupported, "«let» a = /b, /c", ""},
      {Diag::unsupported, "«expect» deny read /a", ""},
      {Diag::unsupported, "«option» pty", ""},
      {Diag::unsupported, "«on» macos { allow mach a\nallow mach b }", ""},
      {Diag::unsupported, "allow «bind» 3000 publish", ""},
      {Diag::unsupported, "allow «unix» /run/x.sock", ""},
      {Diag::unsupported, "deny «env» *_TOKEN", ""},
      {Diag::unsupported, "deny «syscall» @debug", ""},
      {Diag::unsupported, "allow «mach» com.apple.x", ""},
      {Diag::unsupported, "default «bind» allow", ""},
      {Diag::unsupported, "deny read /a «accept» looser because \"x\"", ""},
      {Diag::unsupported, "allow connect a.com «tls-name» any", ""},
      {Diag::unsupported, "deny read «$HOME»/x", "${env.HOME}"},
      {Diag::duplicate_policy, "policy \"a\"\n«policy \"b\"»", "remove"},
      {Diag::duplicate_default, "default read deny\n«default read allow»", "remove"},
      {Diag::duplicate_param, "param a = /x\nparam «a»", "remove"},
      {Diag::builtin_param, "param «home» = /x", "another name"},
      {Diag::builtin_param, "param «env.X» = /x", "another name"},
      {Diag::bad_param_name, "param «Project»", "lower-case"},
      {Diag::bad_param_name, "param «a=/b»", "spaces around `=`"},
      {Diag::param_order, "param a = «${b}»/x\nparam b = /y\ndeny read ${a}", "above"},
      {Diag::param_order, "param a = «${a}»/x", "above"},
      {Diag::param_default_not_path, "param a = «/x/*»\ndeny read ${a}", "without wildcards"},
      {Diag::param_default_not_path, "param a = «/{x,y}»\ndeny read ${a}", "without wildcards"},
      {Diag::param_default_not_name, "param a = «x/y»\ndeny read /z/${a}", "without `/`"},
      {Diag::param_default_not_name, "param a = \"«»\"\ndeny read /z/${a}", "without `/`"},
      {Diag::misplaced_existing, "allow read /a «existing»", "remove"},
      {Diag::misplaced_existing, "deny connect a.com «existing»", "remove"},
      {Diag::use_of_file, "use «./shared.srt»", "here"},
      {Diag::use_of_file, "use \"«shared.srt»\"", "here"},
      {Diag::unknown_module, "use «std.protct»", "`std.protect`"},
      {Diag::unknown_module, "use «mine»", "`std.base`"},

      {Diag::empty_pattern, "deny read \"«»\"", ""},
      {Diag::empty_pattern, "deny read {,a}«»", ""},
      {Diag::pattern_too_long, "deny read «/" + repeated("x", 4096) + "»", ""},
      {Diag::too_many_alternatives, "deny read «/" + repeated("{a,b}", 11) + "»", "wildcard"},
      {Diag::too_many_alternatives, "deny read «/{" + repeated("a,", 1024) + "b}»", "wildcard"},
      {Diag::nested_too_deep, "deny read /" + repeated("{", 32) + "«{»", ""},
      {Diag::nested_too_deep, "deny read \"" + repeated("{", 32) + "«{»\"", ""},
      {Diag::unclosed_brace, "deny read /a«{»b,c", "`}`"},
      {Diag::unclosed_brace, "deny read \"/a«{»b,c\"", "\\{"},
      {Diag::unclosed_brace, "deny read \"/a/$«{»cwd\"", "`}`"},
      {Diag::unopened_brace, "deny read \"/a«}»\"", "\\}"},
      {Diag::empty_braces, "deny read /a«{»}", "\\{\\}"},
      {Diag::unfinished_escape, "deny read /a«\\»", "\\\\"},
      {Diag::unfinished_escape, "deny read /a«\\x»g0", "hexadecimal"},
      {Diag::unfinished_escape, "deny read /a[«\\x»4]", "hexadecimal"},
      {Diag::nul_in_pattern, "deny read /a«\\x00»b", ""},
      {Diag::nul_in_pattern, "deny read /[«\\x00»-a]", ""},
      {Diag::unclosed_class, "deny read /a«[»bc", "\\["},
      {Diag::unclosed_class, "deny read /a«[»]", "\\["},
      {Diag::unclosed_class, "deny read /a«[»!]", "\\["},
      {Diag::unclosed_class, "deny read /a«[»a-", "\\["},
      {Diag::slash_in_class, "deny read /a[b«/»c]", "`]`"},
      {Diag::slash_in_class, "deny read /a«[\\/]»", ""},
      {Diag::reversed_range, "deny read /[a«z-b»]", "smaller"},
      {Diag::reversed_range, "deny read /[«é-a»]", "smaller"},
      {Diag::bare_double_star, "deny read «**»/.env", "`./**/.env`"},
      {Diag::bare_double_star, "deny read «**»/.env", "`/**/.env`"},
      {Diag::bare_double_star, "deny read {/a,«**»}/x", "`./**/x`"},
      {Diag::glued_double_star, "deny read /a/«**».py", "`**/*.py`"},
      {Diag::glued_double_star, "deny read «**».py", "`**/*.py`"},
      {Diag::glued_double_star, "deny read /a/x«**»/b", "whole segment"},
      {Diag::glued_double_star, "deny read /a/«***»/b", "whole segment"},
      {Diag::glob_ends_in_slash, "deny read /a/*«/»", "`/a/*`"},
      {Diag::glob_ends_in_slash, "deny read ./**/node_modules«/»", "`./**/node_modules`"},
      {Diag::parent_of_wildcard, "deny read /a/*/«..»", "without `..`"},
      {Diag::parent_of_wildcard, "deny read /a/**/b/../«..»/c", "without `..`"},
      {Diag::other_home, "deny read «~bob»/x", "absolute"},
      {Diag::bad_parameter, "deny read «${}»/x", "${cwd}"},
      {Diag::bad_parameter, "deny read \"«${a b}»/x\"", "${cwd}"},
      {Diag::unknown_parameter, "deny read «${hoem}»/x", "`${home}`"},
      {Diag::unknown_parameter, "param project\ndeny read «${projct}»/x", "`${project}`"},
      {Diag::unknown_parameter, "deny read «${branch}»/x", "param branch"},
      {Diag::unknown_parameter, "deny read «${env.1X}»/x", ""},
      {Diag::glued_parameter, "deny read «${cwd}»x", "whole segment"},
      {Diag::glued_parameter, "deny read /a/x«${user}»", "whole segment"},
      {Diag::glued_parameter, "deny read /a/«${user}»*", "whole segment"},
      {Diag::parameter_after_wildcard, "deny read /a/*/«${user}»", "before the first wildcard"},
      {Diag::parameter_after_wildcard, "deny read /**/«${user}»", "before the first wildcard"},
      {Diag::parameter_is_path, "deny read /a/«${cwd}»", "${cwd}/…"},
      {Diag::parameter_is_path, "param a\ndeny read ${a}, /b/«${a}»", "${a}/…"},
      {Diag::parameter_is_name, "deny read «${user}»/a", "/home/${user}"},
      {Diag::bad_host, "allow connect «https://a.com/x»", "without scheme"},
      {Diag::bad_host, "allow connect a.com:«70000»", "65535"},
  };
}

TEST_CASE("every message names the exact bytes and says what to write instead") {
  for (const Case& expected : cases()) {
    const std::size_t open = expected.text.find("«");
    const std::size_t close = expected.text.find("»");
    REQUIRE(open != std::string::npos);
    REQUIRE(close != std::string::npos);
    const std::string_view mark = "«";
    const std::string text = expected.text.substr(0, open) +
                             expected.text.substr(open + mark.size(), close - open - mark.size()) +
                             expected.text.substr(close + mark.size());
    CAPTURE(text.substr(0, 200));
    const Compiled compiled(text);
    CAPTURE(compiled.messages().substr(0, 500));
    REQUIRE(compiled.diagnostics.all().size() == 1);
    const Diagnostic& found = compiled.diagnostics.all()[0];
    CHECK(kind(found.diag).id == kind(expected.diag).id);
    CHECK(found.span.begin == open);
    CHECK(found.span.end == close - mark.size());
    CHECK(found.help.find(expected.help) != std::string::npos);
  }
}

TEST_CASE("no message of the language is without a case above") {
  std::set<Diag> covered = {Diag::too_many_errors};  // in limits_test.cc
  for (const Case& c : cases()) covered.insert(c.diag);
  const std::vector<Diag> declared = {
#define SRT_DIAGNOSTIC(name, severity, format) Diag::name,
#include "compiler/diag/language.def"
#include "compiler/diag/pattern.def"
#undef SRT_DIAGNOSTIC
  };
  for (const Diag diag : declared) {
    CAPTURE(kind(diag).id);
    CHECK(covered.contains(diag));
  }
}

}  // namespace
}  // namespace srt::language
