#include "compiler/lint/silence.h"

#include <doctest/doctest.h>

#include "compiler/lint/hosts.h"
#include "tests/unit/compiler/lint/ask.h"

namespace srt::lint {
namespace {

// The ids of what is left of the messages about hosts, by line: `2 missing-port`.
std::vector<std::string> left(std::string_view text, bool report_unused = true) {
  Linted linted(text);
  check_hosts(linted.subject(ask_of(linted, Target::linux)), linted.diagnostics);
  apply_silences(linted.diagnostics, linted.sources, report_unused);
  std::vector<std::string> out;
  for (const Diagnostic& d : sorted(linted.diagnostics)) {
    const std::uint32_t line = linted.sources.file(d.span.file).position(d.span.begin).line;
    out.push_back(std::to_string(line) + ' ' + kind(d.diag).id);
  }
  return out;
}

using Left = std::vector<std::string>;

TEST_CASE("a comment silences what its line is reported for, with a reason") {
  CHECK(left("allow connect a.example.com") == Left{"1 missing-port"});
  CHECK(left("allow connect a.example.com # srt: allow(missing-port) all of them") == Left{});
  CHECK(left("# srt: allow(missing-port) all\n# of them\nallow connect a.example.com") == Left{});
  CHECK(left("allow connect *.github.io # srt: allow(missing-port, anyone-publishes) ours") ==
        Left{});
  CHECK(left("let a = /x # srt: allow(unused-let) soon\npolicy \"p\"") == Left{});
}

TEST_CASE("a comment without reason, of another line or about what is no lint silences nothing") {
  CHECK(left("allow connect a.example.com # srt: allow(missing-port)") ==
        Left{"1 missing-port", "1 no-reason"});
  CHECK(left("allow connect a.example.com\n# srt: allow(missing-port) below") ==
        Left{"1 missing-port", "2 unused-silence"});
  CHECK(left("allow connect a.example.com # srt: allow(syntax) no lint") ==
        Left{"1 missing-port", "1 unknown-lint"});
  CHECK(left("allow connect a.example.com:443 # srt: allow(missing-port) not needed") ==
        Left{"1 unused-silence"});
  CHECK(left("allow connect a.example.com:443 # srt: allow(missing-port) not needed", false) ==
        Left{});
}

}  // namespace
}  // namespace srt::lint
