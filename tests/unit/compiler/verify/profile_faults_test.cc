#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <random>
#include <string>
#include <vector>

#include "compiler/backend/seatbelt/seatbelt.h"
#include "compiler/frontend/front_end.h"
#include "compiler/verify/sbpl/check_profile.h"
#include "tests/support/patterns.h"
#include "tests/support/sbpl/profile.h"

// Faults put into Seatbelt profiles: of those that the tests' own evaluator sees to change a
// decision, nearly all have to be noticed, and nothing may be said of the profile as it is made.
namespace srt::verify {
namespace {

constexpr std::array<std::string_view, 6> kPolicies = {
    "allow write /a, /b\ndeny write /a/b\ndeny read /b/a\n",
    "allow write .\ndeny read ~/a\ndeny write ./b/a\n",
    "allow write /a, ~\ndeny write /**/b\nallow write /a/b/a\n",
    "default read deny\nallow read /a, ~/b\nallow write /a/b\ndeny read /a/a\n",
    "allow write .\ndeny read ./**/b, ~/a except ~/a/b\nallow read ./b/a\n",
    "allow write /a, /b\ndeny read /a/*/b\ndeny write /a/b*, /b/a/b\n",
};

struct Made {
  SourceSet sources;
  ir::Policy policy;
  std::string text;
  std::vector<std::pair<std::string, Template>> parameters;
  std::vector<Span> tighter;
};

Made make(std::string_view policy) {
  Made out;
  Diagnostics diagnostics;
  const FileId file = out.sources.add("test.srt", std::string(policy));
  out.policy = language::read_policy(out.sources, file, diagnostics);
  REQUIRE_FALSE(diagnostics.has_errors());
  ir::add_implied_reads(out.policy);
  Diagnostics said;
  out.text = seatbelt::emit(out.policy, said).value();
  for (const Diagnostic& one : said.all()) {
    if (one.diag == Diag::tighter_on_macos) out.tighter.push_back(one.span);
  }
  for (seatbelt::ProfileParameter& parameter : seatbelt::profile_parameters(out.policy)) {
    out.parameters.emplace_back(parameter.name, parameter.value);
  }
  return out;
}

Report check(const Made& made, const std::string& text) {
  Report report;
  check_profile(
      text, {made.policy, made.sources, nullptr, made.parameters, made.tighter, made.text}, report);
  return report;
}

constexpr std::array<const char*, 5> kOperations = {
    "file-read-data", "file-read-metadata", "process-exec", "file-write-data", "file-write-unlink"};
constexpr std::size_t kLookup = 1;

// The answers of a profile for all paths in several arrangements; none where it does not load.
std::vector<bool> answers(const std::string& text) {
  static const std::vector<std::string> kPaths = test::paths_over({"a", "b", "B"}, 3);
  constexpr std::array<std::array<const char*, 2>, 4> kArrangements = {
      {{"/", "/a"}, {"/a", "/a/b"}, {"/a/b", "/a"}, {"/b", "/a"}}};
  std::vector<bool> out;
  for (const auto& [cwd, home] : kArrangements) {
    const auto profile =
        test::sbpl::Profile::load(text, {{"CWD", cwd}, {"HOME", home}, {"PROXY_PORT", "1"}});
    if (!profile) return {};
    for (const std::string& path : kPaths) {
      if (path.empty()) continue;
      for (const char* operation : kOperations) out.push_back(profile->allows({operation, path}));
    }
  }
  return out;
}

// Whether something is decided otherwise. That directories above readable paths can be looked up is
// granted beyond the rules, and nothing asks for it.
bool differ(const std::vector<bool>& right, const std::vector<bool>& found) {
  for (std::size_t i = 0; i < right.size(); ++i) {
    const bool is_lookup = i % kOperations.size() == kLookup;
    if (right[i] != found[i] && !(is_lookup && right[i])) return true;
  }
  return false;
}

// The policy's part of a profile, by lines.
std::vector<std::string> lines_of(const std::string& text, std::size_t& first) {
  std::vector<std::string> out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    if (text.compare(begin, 11, ";;; Reading") == 0) first = out.size();
    out.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

void replace(std::string& line, std::string_view from, std::string_view to) {
  const std::size_t at = line.find(from);
  if (at != std::string::npos) line.replace(at, from.size(), to);
}

std::string with_fault(const std::string& text, std::mt19937& random) {
  std::size_t first = 0;
  std::vector<std::string> lines = lines_of(text, first);
  const auto any_line = [&] { return first + random() % (lines.size() - first); };
  std::string& line = lines[any_line()];
  switch (random() % 6) {
    case 0:  // a filter less; where it ends a statement, that has to end yet
      line = std::string(static_cast<std::size_t>(std::count(line.begin(), line.end(), ')')) >
                                 static_cast<std::size_t>(std::count(line.begin(), line.end(), '('))
                             ? 1U
                             : 0U,
                         ')');
      break;
    case 1:
      std::swap(line, lines[any_line()]);
      break;
    case 2:
      replace(line, line.starts_with("(allow") ? "(allow" : "(deny",
              line.starts_with("(allow") ? "(deny" : "(allow");
      break;
    case 3:
      replace(line, "(literal", "(subpath");
      replace(line, "(subpath \"/a", "(literal \"/a");
      break;
    case 4:  // a byte of a text
      if (const std::size_t at = line.find_last_of("abAB*+?"); at != std::string::npos) {
        line[at] = "abAB*+?"[random() % 7];
      }
      break;
    default:
      replace(line, random() % 2 == 0 ? " file-write-unlink" : " file-read-metadata", "");
  }
  std::string out;
  for (const std::string& one : lines) out += one + '\n';
  return out;
}

TEST_CASE("a profile as it is made is proved") {
  for (const std::string_view policy : kPolicies) {
    const Made made = make(policy);
    const Report report = check(made, made.text);
    INFO(policy, made.text, to_text(report, "profile"));
    CHECK(report.holds());
  }
}

TEST_CASE("a fault in a Seatbelt profile") {
  int changed = 0;
  int caught = 0;
  std::mt19937 random(5);
  for (const std::string_view policy : kPolicies) {
    const Made made = make(policy);
    const std::vector<bool> right = answers(made.text);
    REQUIRE_FALSE(right.empty());
    for (int fault = 0; fault < 170; ++fault) {
      const std::string faulty = with_fault(made.text, random);
      const std::vector<bool> found = answers(faulty);
      if (found.empty() || !differ(right, found)) continue;
      ++changed;
      const bool is_caught = !check(made, faulty).holds();
      caught += is_caught ? 1 : 0;
      if (!is_caught)
        MESSAGE("missed in ", policy, "\n", faulty.substr(faulty.find(";;; Reading")));
    }
  }
  MESSAGE("Seatbelt profiles: ", caught, " of ", changed, " noticed");
  CHECK(changed >= 60);
  CHECK(caught * 100 >= changed * 95);
}

TEST_CASE("what is no profile of srtc") {
  const Made made = make(kPolicies[0]);
  const auto said = [&](const std::string& text) {
    const Report report = check(made, text);
    REQUIRE(report.differences.size() == 1);
    CHECK(report.is_broken());
    return report.differences[0].subject;
  };
  CHECK(said("(version 1)\n(allow") == "2:1: a `(` that nothing closes");
  CHECK(said("(version 2)") == "1:1: another version of the language");
  CHECK(said("(import \"system.sb\")") ==
        "1:1: `import` is no statement of profiles that srtc makes");
  CHECK(said("(allow file-read* (regex #\"^/[[:alpha:]]\"))")
            .starts_with("1:19: byte 4 of the regex"));
  CHECK(said("(allow file-read* (literal (param \"X\")))") == "1:19: `<X>` is no canonical path");
  CHECK(said("(allow file-read* (global-name \"x\"))") ==
        "line 1: `(global-name \"x\")` is no filter of paths");
}

TEST_CASE("a witness names the path, the rule and the line") {
  const Made made = make("allow write /a\ndeny write /a/b\n");
  std::string text = made.text;
  const std::size_t begin = text.find("(deny file-write", text.find(";;; Writing"));
  REQUIRE(begin != std::string::npos);
  text.insert(begin, ";");
  text.insert(text.find('\n', begin) + 1, "(allow file-write-data\n");
  const Report report = check(made, text);
  REQUIRE_FALSE(report.holds());
  CHECK(report.differences[0].kind == Kind::looser);
  CHECK(report.differences[0].policy == "`deny write /a/b` (test.srt:2:12)");
  CHECK(report.differences[0].subject.size() == std::string("/a/b").size());
}

}  // namespace
}  // namespace srt::verify
