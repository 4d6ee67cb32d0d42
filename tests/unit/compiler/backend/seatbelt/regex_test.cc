#include "compiler/backend/seatbelt/regex.h"

#include <doctest/doctest.h>

#include "tests/support/naive_matcher.h"
#include "tests/support/sbpl/filter.h"

namespace srt::seatbelt {
namespace {

using glob::Atom;
using glob::CharacterSet;
using glob::CodePoint;

bool regex_matches(const std::vector<Atom>& atoms, Letters letters, const std::string& text) {
  const auto filter = test::sbpl::make_filter("regex", '^' + regex_of(atoms, letters) + '$');
  REQUIRE(filter);
  return (*filter)->matches({"file-read-data", text});
}

Atom set(CharacterSet members) { return {Atom::Kind::set, {}, std::move(members)}; }

const std::vector<std::string> kCharacters = {
    "a",      "b",      "k",      "K",      "z",          "A",          "Z",  "[",  "]", "^",
    "-",      "\\",     ".",      "/",      "\n",         "\x7F",       " ",  "_",  "é", "ß",
    "\u0080", "\u07FF", "\u0800", "\uFFFD", "\U00010000", "\U0010FFFF", "日", "ab", ""};

TEST_CASE("sets and `?` match whole characters, as the naive matcher does") {
  const std::vector<CharacterSet> sets = {
      {{{'a', 'b'}}},
      {{{'[', '^'}}},
      {{{'Z', 'a'}}},
      {{{'-', '-'}, {']', ']'}}},
      {{{0xE9, 0xE9}}},
      {{{'a', 'a'}, {0x80, 0x10FFFF}}},
      {{{0x7F, 0x800}}},
      {{{0x7FF, 0x10000}}},
      {{{0x800, 0x10FFFE}}},
      {{{0x3042, 0x65E5}}},
      {{{1, '.'}, {'0', '`'}, {'b', glob::kMaxCodePoint}}},
      {{{1, '.'}, {'0', 0xDF}, {0xE0, 0xFFFF}}},
      {{{glob::kInvalidByte + 0x80, glob::kInvalidByte + 0x80}}},
  };
  for (const CharacterSet& members : sets) {
    const std::vector<Atom> atoms = {set(members)};
    CAPTURE(regex_of(atoms, Letters::exact));
    for (const std::string& text : kCharacters) {
      if (text.empty()) continue;
      CAPTURE(text);
      CHECK(regex_matches(atoms, Letters::exact, text) == test::matches(atoms, text));
    }
  }
  const std::vector<Atom> two = {{Atom::Kind::character}, {Atom::Kind::character}};
  CHECK(regex_matches(two, Letters::exact, "éa"));
  CHECK_FALSE(regex_matches(two, Letters::exact, "é"));
  CHECK_FALSE(regex_matches(two, Letters::exact, "a/"));
}

TEST_CASE("literal text is never syntax") {
  for (int byte = 1; byte < 0x80; ++byte) {
    const std::string text = std::string("x") + static_cast<char>(byte) + "y";
    CAPTURE(text);
    CHECK(regex_matches({{Atom::Kind::literal, text}}, Letters::exact, text));
    CHECK(regex_matches({{Atom::Kind::literal, text}}, Letters::folded, text));
    CHECK_FALSE(regex_matches({{Atom::Kind::literal, text}}, Letters::exact, "x\x01\x01y"));
  }
}

TEST_CASE("folded text matches every spelling that a volume takes for the same") {
  const std::vector<Atom> name = {{Atom::Kind::literal, ".ssh/k"}};
  for (const char* same : {".ssh/k", ".SSH/K", ".sSh/k", ".\u017Fsh/k", ".ssh/\u212A"}) {
    CAPTURE(same);
    CHECK(regex_matches(name, Letters::folded, same));
  }
  CHECK_FALSE(regex_matches(name, Letters::folded, ".ssg/k"));
  CHECK_FALSE(regex_matches(name, Letters::exact, ".SSH/k"));
  CHECK(regex_matches({set({{{'a', 'c'}}})}, Letters::folded, "B"));
  CHECK_FALSE(regex_matches({set({{{1, '.'}, {'0', '`'}, {'b', glob::kMaxCodePoint}}})},
                            Letters::folded, "a"));
}

TEST_CASE("P14: widened text matches composed and decomposed names") {
  const auto widened = [](const char* text) {
    return widen_names(std::vector<Atom>{{Atom::Kind::literal, text}});
  };
  for (const char* written : {"/caf\u00E9s", "/cafe\u0301s"}) {
    for (const char* on_disk : {"/caf\u00E9s", "/cafe\u0301s", "/CAF\u00C9S", "/CAFE\u0301S"}) {
      CAPTURE(written);
      CAPTURE(on_disk);
      CHECK(regex_matches(widened(written), Letters::folded, on_disk));
    }
    CHECK_FALSE(regex_matches(widened(written), Letters::folded, "/cafs"));
    CHECK_FALSE(regex_matches(widened(written), Letters::folded, "/caf/s"));
  }
  CHECK(widened("/plain").size() == 1);
}

}  // namespace
}  // namespace srt::seatbelt
