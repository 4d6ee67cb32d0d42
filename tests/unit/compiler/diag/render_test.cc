#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "compiler/diag/diagnostic.h"

namespace srt {
namespace {

struct Text {
  explicit Text(std::string text) { file = sources.add("p.srt", std::move(text)); }

  Diagnostic& report(std::uint32_t begin, std::uint32_t end) {
    return diagnostics.report(Diag::unknown_statement, {file, begin, end}, "x");
  }
  std::string rendered() const { return render(diagnostics, sources); }

  SourceSet sources;
  Diagnostics diagnostics;
  FileId file;
};

const std::string kMessage = " error: `x` is not a statement [unknown-statement]\n";

TEST_CASE("a message shows its place, its line, an underline and the way out") {
  Text text("first\nalow read /a\n");
  text.report(6, 10).help = "write `allow`";
  CHECK(text.rendered() == "p.srt:2:1:" + kMessage +
                               "  alow read /a\n"
                               "  ^^^^\n"
                               "  help: write `allow`\n");
}

TEST_CASE("tabs and other control characters keep their place as spaces") {
  Text text("\ta\x1B[2Jb\n");
  text.report(1, 2);
  CHECK(text.rendered() == "p.srt:1:2:" + kMessage + "   a [2Jb\n   ^\n");
}

TEST_CASE("the underline counts characters, not bytes") {
  Text text("\xC3\xA9\xC3\xA9 \xE2\x82\xAC\xE2\x82\xAC x\n");
  text.report(5, 11);
  CHECK(text.rendered() == "p.srt:1:6:" + kMessage +
                               "  \xC3\xA9\xC3\xA9 \xE2\x82\xAC\xE2\x82\xAC x\n"
                               "     ^^\n");
}

TEST_CASE("an empty place and one at the end of the text have an underline") {
  Text text("abc");
  text.report(3, 3);
  CHECK(text.rendered() == "p.srt:1:4:" + kMessage + "  abc\n     ^\n");
}

TEST_CASE("a place that goes on behind its line is underlined to the line's end") {
  Text text("ab\ncd\n");
  text.report(1, 5);
  CHECK(text.rendered() == "p.srt:1:2:" + kMessage + "  ab\n   ^\n");
}

TEST_CASE("of a long line the part around the place is shown, no character cut") {
  for (const char* filler : {"x", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"}) {
    std::string line;
    while (line.size() < 100'000) line += filler;
    const auto at = static_cast<std::uint32_t>(line.size());
    line += '!';
    for (int i = 0; i < 100'000; ++i) line += filler;
    Text text(line);
    text.report(at, at + 1);
    const std::string rendered = text.rendered();
    CHECK(rendered.size() < 800);
    CHECK(rendered.find('!') != std::string::npos);
    CHECK(rendered.find("\xEF\xBF\xBD") == std::string::npos);
    // The mark stands below what it marks.
    const std::size_t shown = rendered.find('\n') + 1;
    const std::size_t marks = rendered.find('\n', shown) + 1;
    const auto width = [&](std::size_t from, std::size_t to) {
      return std::count_if(rendered.begin() + static_cast<std::ptrdiff_t>(from),
                           rendered.begin() + static_cast<std::ptrdiff_t>(to),
                           [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    };
    CHECK(width(shown, rendered.find('!', shown)) == width(marks, rendered.find('^', marks)));
  }
}

TEST_CASE("of a long line of bytes that are no characters the part around the place is shown") {
  for (const std::uint32_t at : {0U, 60U, 170U, 999U, 1000U}) {
    CAPTURE(at);
    Text text(std::string(1000, '\xAB'));
    text.report(at, std::min(at + 1, 1000U));
    const std::string rendered = text.rendered();
    CHECK(rendered.size() < 800);
    CHECK(rendered.find('^') != std::string::npos);
  }
}

TEST_CASE("of a long word the message repeats both ends, no character cut") {
  for (const char* filler : {"x", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"}) {
    std::string word = "begin";
    while (word.size() < 1'000'000) word += filler;
    word += "end";
    Text text(word);
    text.diagnostics.report(Diag::unknown_statement, {text.file, 0, 1}, word).help = word;
    const std::string rendered = text.rendered();
    CHECK(rendered.size() < 2500);
    CHECK(rendered.find("`begin") != std::string::npos);
    CHECK(rendered.find("end` is not a statement") != std::string::npos);
    CHECK(rendered.find('?') == std::string::npos);
  }
}

TEST_CASE("messages are sorted by place, and equal ones appear once") {
  Text text("a\nb\n");
  text.report(2, 3);
  text.report(0, 1);
  text.report(2, 3);
  CHECK(text.rendered() ==
        "p.srt:1:1:" + kMessage + "  a\n  ^\n" + "p.srt:2:1:" + kMessage + "  b\n  ^\n");
}

TEST_CASE("severities are counted apart") {
  Text text("a");
  CHECK_FALSE(text.diagnostics.has_errors());
  text.diagnostics.report(Diag::allow_matches_nothing, {text.file, 0, 1});
  CHECK_FALSE(text.diagnostics.has_errors());
  text.report(0, 1);
  CHECK(text.diagnostics.has_errors());
  CHECK(text.diagnostics.count(Severity::error) == 1);
  CHECK(text.diagnostics.count(Severity::warning) == 1);
  CHECK(text.diagnostics.count(Severity::note) == 0);
}

}  // namespace
}  // namespace srt
