#include "runtime/base/utf8.h"

#include <doctest/doctest.h>

namespace srt {
namespace {

TEST_CASE("every character is read back as it was written, and nothing else is one") {
  for (std::uint32_t c = 0; c <= 0x110FFF; ++c) {
    const bool is_character = c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
    std::string text;
    append_utf8(text, c);
    const Utf8Unit unit = decode_utf8(text, 0);
    const bool whole = unit.valid && unit.length == text.size() && unit.code_point == c;
    if (whole == is_character) continue;
    FAIL_CHECK("code point ", c);
  }
}

TEST_CASE("bytes that are part of no character stand alone") {
  for (const char* text :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3z", "\xE0\x80\x80", "\xE2\x82", "\xED\xA0\x80",
        "\xF0\x8F\xBF\xBF", "\xF0\x9F\x82", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    const Utf8Unit unit = decode_utf8(text, 0);
    CHECK_FALSE(unit.valid);
    CHECK(unit.length == 1);
    CHECK(unit.code_point == static_cast<unsigned char>(text[0]));
    CHECK(find_invalid_utf8(std::string("a\xC3\xA9") + text) == 3);
  }
  CHECK_FALSE(find_invalid_utf8("a\xC3\xA9\xF4\x8F\xBF\xBF"));
  CHECK_FALSE(find_invalid_utf8(""));
}

}  // namespace
}  // namespace srt
