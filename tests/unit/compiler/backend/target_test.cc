#include "compiler/backend/target.h"

#include <doctest/doctest.h>

#include "compiler/frontend/front_end.h"

namespace srt {
namespace {

using Verdict = Fidelity::Verdict;

struct Read {
  explicit Read(const std::string& text) {
    file = sources.add("p.srt", text);
    policy = language::read_policy(sources, file, diagnostics);
    REQUIRE_FALSE(diagnostics.has_errors());
  }

  // The verdicts on all rules, in order.
  std::vector<Verdict> verdicts(Target target) const {
    std::vector<Verdict> all;
    for (const ir::Rule& rule : policy.rules) {
      const Fidelity found = fidelity(policy, rule, target);
      CHECK(found.reason.empty() == (found.verdict == Verdict::exact));
      all.push_back(found.verdict);
    }
    return all;
  }

  SourceSet sources;
  FileId file = 0;
  Diagnostics diagnostics;
  ir::Policy policy;
};

std::vector<Verdict> on_linux(const std::string& text) {
  return Read(text).verdicts(Target::linux);
}

TEST_CASE("on Linux a deny is exact where no name of its can appear, else at launch") {
  CHECK(on_linux("deny read /etc/shadow") == std::vector{Verdict::exact});
  CHECK(on_linux("allow write /a\ndeny read /a/b") ==
        std::vector{Verdict::exact, Verdict::at_launch});
  CHECK(on_linux("allow write /a\ndeny read /b/**/x").back() == Verdict::exact);
  CHECK(on_linux("allow write /a\ndeny read /**/x").back() == Verdict::at_launch);
  CHECK(on_linux("default write allow\ndeny read /b").back() == Verdict::at_launch);
  CHECK(on_linux("allow write /a\ndeny write /a/b existing").back() == Verdict::exact);
  // The home can be in the working directory.
  CHECK(on_linux("allow write .\ndeny read ~/.ssh").back() == Verdict::at_launch);
}

TEST_CASE("on Linux a grant by wildcard is tighter, where it is no default anyway") {
  CHECK(on_linux("allow write /a/*.log") == std::vector{Verdict::tighter});
  CHECK(on_linux("allow write /a") == std::vector{Verdict::exact});
  CHECK(on_linux("allow read /a/*.log") == std::vector{Verdict::exact});
  CHECK(on_linux("default read deny\nallow read /a/*.log") == std::vector{Verdict::tighter});
  CHECK(on_linux("allow connect *:443\ndeny connect *.test") ==
        std::vector{Verdict::exact, Verdict::exact});
}

TEST_CASE("on macOS only what is limited to existing names is not exact") {
  const Read read("allow write /a/*.log\ndeny write /a/b existing\ndeny read /a/**/x");
  CHECK(read.verdicts(Target::macos) ==
        std::vector{Verdict::exact, Verdict::tighter, Verdict::exact});
}

TEST_CASE("each tighter rule is a warning, all that hold at launch are one note") {
  Read read("allow write /a, /b/*.log\ndeny read /a/x\ndeny read /a/y\n");
  report_fidelity(read.policy, read.file, read.diagnostics);
  CHECK(read.diagnostics.count(Severity::warning) == 1);
  CHECK(read.diagnostics.count(Severity::note) == 1);
  const std::string text = render(read.diagnostics, read.sources);
  CHECK(text.find("`allow write /b/*.log` is tighter than written") != std::string::npos);
  CHECK(text.find("`deny read /a/x` and 1 more") != std::string::npos);
}

TEST_CASE("rules of other files are not reported") {
  Read read("allow write /b/*.log\n");
  report_fidelity(read.policy, read.file + 1, read.diagnostics);
  CHECK(read.diagnostics.all().empty());
}

}  // namespace
}  // namespace srt
