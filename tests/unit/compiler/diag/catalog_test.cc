#include <doctest/doctest.h>

#include <set>
#include <string>

#include "compiler/diag/diagnostic.h"
#include "runtime/base/file.h"

namespace srt {
namespace {

// The ids in the first column of the tables of docs/diagnostics.md.
std::set<std::string> documented_ids() {
  const std::string text = read_file(SRT_DIAGNOSTICS_PAGE, 1 << 20).value();
  std::set<std::string> ids;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    if (!line.starts_with("| ") || line.starts_with("| id ")) continue;
    ids.insert(line.substr(2, line.find(" |", 2) - 2));
  }
  return ids;
}

TEST_CASE("docs/diagnostics.md lists the ids of the catalog and no others") {
  std::set<std::string> declared;
  for (const Diag diag : all_diagnostics()) declared.insert(kind(diag).id);
  CHECK(documented_ids() == declared);
}

TEST_CASE(
    "messages are sorted by place, equal ones appear once, and the underline is at the bytes") {
  SourceSet sources;
  const FileId file = sources.add("p.srt", "deny read é/[a\nalow\n");
  Diagnostics diagnostics;
  diagnostics.report(Diag::unknown_statement, {file, 16, 20}, "alow").help =
      "did you mean `allow`?";
  diagnostics.report(Diag::unclosed_class, {file, 13, 14});
  diagnostics.report(Diag::unclosed_class, {file, 13, 14});
  CHECK(render(diagnostics, sources) ==
        "p.srt:1:14: error: `[` is not closed [unclosed-class]\n"
        "  deny read é/[a\n"
        "              ^\n"
        "p.srt:2:1: error: `alow` is not a statement [unknown-statement]\n"
        "  alow\n"
        "  ^^^^\n"
        "  help: did you mean `allow`?\n");
}

}  // namespace
}  // namespace srt
