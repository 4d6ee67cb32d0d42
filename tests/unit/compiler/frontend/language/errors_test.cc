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
      {Diag::syntax, "param a «/x»", "param a = /x"},
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
      {Diag::syntax, "on «{» allow mach x }", "on linux"},
      {Diag::syntax, "on macos «allow» mach x", "on linux"},
      {Diag::syntax, "on macos { allow mach x «y» }", "commas"},
      {Diag::syntax, "on macos { allow mach «}»", ""},
      {Diag::syntax, "let a«\n»", "let name"},
      {Diag::syntax, "set «CI» = \"1\"", "set env"},
      {Diag::syntax, "set env CI = «1»", "`\"1\"`"},
      {Diag::syntax, "limit memory 2GiB «files» 1", "a comma"},
      {Diag::syntax, "limit memory«»", "limit memory"},
      {Diag::syntax, "option «=» x", ""},
      {Diag::syntax, "expect deny read /a «/b»", "one subject"},
      {Diag::syntax, "deny read /a accept looser«»", "because"},
      {Diag::syntax, "deny read /a because \"x\" «publish»", "before `because`"},
      {Diag::syntax, "param a «text»", "param a: type"},
      {Diag::unknown_statement, "«}»", "closes no block"},
      {Diag::unknown_target, "on «macso» { deny read /a }", "`macos`"},
      {Diag::unknown_target, "deny read /a accept looser on «bsd» because \"x\"", "`linux`"},
      {Diag::misplaced_in_block, "on linux { «use» std.base }", "outside"},
      {Diag::misplaced_in_block, "on linux { «default» read deny }", "outside"},
      {Diag::nested_block, "on linux { «on» macos { deny read /a } }", "below"},
      {Diag::no_default, "«default unix allow»", "allow unix *"},
      {Diag::already_set, "set env A = \"1\"\n«set env A = \"2\"»", "remove"},
      {Diag::already_set, "limit files 1, «files» 2", "remove"},
      {Diag::already_set, "option pty\n«option pty»", "remove"},
      {Diag::unknown_param_type, "param a: «pth»\ndeny read ${a}", "`path`"},
      {Diag::param_default_not_net, "param a: host = «b..c»\nallow connect ${a}", ""},
      {Diag::param_default_not_net, "param a: port = «0»\nallow bind ${a}", ""},
      {Diag::param_default_not_net, "param a: port = «1-2»\nallow bind ${a}", "in the rule"},
      {Diag::bad_net_template, "param a: port\nallow connect «${a}:443»", "${registry}:443"},
      {Diag::bad_net_template, "param a: host\nallow bind «${a}»", "${port}"},
      {Diag::bad_net_template, "param a: host\nallow connect «x${a}»", ""},
      {Diag::bad_net_template, "param a: host\nallow connect «${a}x:1»", ""},
      {Diag::bad_net_template, "param a: port\nallow connect «web-${a}»", ""},
      {Diag::bad_net_template, "param a: port\nallow connect «b.com:1${a}»", ""},
      {Diag::bad_net_template, "param a: port\nallow bind «${a}0»", ""},
      {Diag::bad_net_template, "param a: host\nallow connect «b..${a}»", ""},
      {Diag::misplaced_parameter, "allow connect «${cwd}»:443", "param registry: host"},
      {Diag::misplaced_parameter, "param a\ndeny read ${a}\nallow bind «${a}»", "param port: port"},
      {Diag::misplaced_parameter, "param a: host\ndeny read «${a}»/x", "stands for a host"},
      {Diag::unknown_parameter, "param abc: host\nallow connect ${abc}, «${abd}»:443", "abc"},
      {Diag::unused_param, "param «a»", "${a}"},
      {Diag::unused_let, "let «a» = /x", "$a"},
      {Diag::bad_let_name, "let «$a» = /x", "letters"},
      {Diag::duplicate_let, "let a = /x\nlet «a» = /y\ndeny read $a", "remove"},
      {Diag::unknown_let, "let dirs = /x\ndeny read $dirs, «$dris»", "`$dirs`"},
      {Diag::unknown_let, "deny read «$HOME»", "${env.HOME}"},
      {Diag::let_order, "let a = «$b»\nlet b = /x\ndeny read $a", "above"},
      {Diag::glued_let, "deny read «$HOME»/x", "${env.HOME}"},
      {Diag::glued_let, "deny read {/x,«$a»/y}", "${env.a}"},
      {Diag::misplaced_publish, "deny bind 1 «publish»", "remove"},
      {Diag::misplaced_publish, "allow connect a.com «publish»", "remove"},
      {Diag::misplaced_tls_name, "allow read /a «tls-name any»", "remove"},
      {Diag::bad_tls_name, "allow connect a.com tls-name «b.com»", "tls-name any"},
      {Diag::bad_acceptance, "deny read /a accept «tighter» because \"x\"", "looser"},
      {Diag::acceptance_elsewhere,
       "on linux { deny read /a «accept looser on macos because \"x\"» }", "leave out"},
      {Diag::bad_variable_name, "set env «1A» = \"x\"", "digit"},
      {Diag::bad_variable_name, "deny env «A=b»", "set env A"},
      {Diag::unknown_limit, "limit «memry» 2GiB", "`memory`"},
      {Diag::bad_limit, "limit memory «2»", "`2MiB`"},
      {Diag::bad_limit, "limit memory «2GB»", "`2GiB`"},
      {Diag::bad_limit, "limit files «1k»", "`1`"},
      {Diag::bad_limit, "limit cpu «5»", "`5s`"},
      {Diag::bad_limit, "limit cpu «0s»", "leave"},
      {Diag::bad_limit, "limit memory «99999999TiB»", "leave"},
      {Diag::bad_limit, "limit files «many»", "number"},
      {Diag::unknown_option, "option «ptty»", "`pty`"},
      {Diag::bad_option_value, "option pty = «yes»", "option pty"},
      {Diag::bad_option_value, "option «nested»", "= weaker"},
      {Diag::bad_option_value, "option upstream-proxy = \"«https://a»\"", "http://"},
      {Diag::bad_option_value, "option http-proxy-port = «0»", "3128"},
      {Diag::empty_subject, "expect deny read \"«»\"", "as in"},
      {Diag::expected_pattern, "expect deny read «~/.ssh/*»", "`\\*`"},
      {Diag::expected_pattern, "expect deny read «./{a,b}»", "one that it matches"},
      {Diag::expected_pattern, "expect allow connect «*.example.com»", "one that it matches"},
      {Diag::use_unreadable, "use «./does-not-exist.srt»", "relative"},
      {Diag::bad_port, "allow bind «70000»", "65535"},
      {Diag::bad_name, "deny env «A[b»", "bracket"},
      {Diag::misplaced_parameter, "set env A = \"x«${home}»\"", "paths, hosts and ports"},
      {Diag::duplicate_policy, "policy \"a\"\n«policy \"b\"»", "remove"},
      {Diag::duplicate_default, "default read deny\n«default read allow»", "remove"},
      {Diag::duplicate_param, "param a = /x\nparam «a»\ndeny read ${a}", "remove"},
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
      {Diag::misplaced_condition, "allow read /a «except /b»", "the last match decides"},
      {Diag::misplaced_condition, "deny unix /a «within ., /b»", "the last match decides"},
      {Diag::idle_condition, "deny read ./**/*.key «except ./test»", "the pattern itself"},
      {Diag::idle_condition, "deny read /a, /b «within /c»", "above"},
      {Diag::unknown_module, "use «std.protct»", "`std.protect`"},
      {Diag::unknown_module, "use «mine»", "`srtc std`"},

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
      {Diag::unknown_parameter, "param project\ndeny read ${project}, «${projct}»/x",
       "`${project}`"},
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
  // In limits_test.cc and uses_test.cc.
  std::set<Diag> covered = {Diag::too_many_errors,  Diag::use_cycle,     Diag::use_outside_root,
                            Diag::use_too_deep,     Diag::too_many_uses, Diag::param_conflict,
                            Diag::default_in_module};
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
