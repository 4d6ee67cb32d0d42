#include "runtime/base/printable.h"

#include <doctest/doctest.h>

#include "runtime/base/complain.h"

namespace srt {
namespace {

TEST_CASE("no control character and no stray byte is left, and no place moves") {
  CHECK(printable("") == "");
  CHECK(printable("plain") == "plain");
  CHECK(printable("\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80") ==
        "\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80");
  CHECK(printable("a\tb\nc\x1B[2Jd") == "a b c [2Jd");
  CHECK(printable("a\x7F") == "a?");
  CHECK(printable("\xC2\x9B[2J") == "??[2J");  // CSI in one character, U+009B
  CHECK(printable("a\x9B\xFF\xC3") == "a???");
  CHECK(printable(std::string("a\0b", 3)) == "a b");
}

TEST_CASE("every byte alone comes out as one that no terminal acts on") {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string shown = printable(std::string(1, static_cast<char>(byte)));
    REQUIRE(shown.size() == 1);
    CHECK(shown[0] >= ' ');
    CHECK(shown[0] < 0x7F);
  }
}

TEST_CASE("an error is one line, whatever names it holds") {
  CHECK(error_line("srtc", Error{"cannot read `a\nb\x1B]0;x\x07`", "look"}) ==
        "srtc: cannot read `a b ]0;x `; look\n");
  CHECK(error_line("srtc", Error{"no help"}) == "srtc: no help\n");
}

}  // namespace
}  // namespace srt
