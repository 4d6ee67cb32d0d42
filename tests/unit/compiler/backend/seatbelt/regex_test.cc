#include "compiler/backend/seatbelt/regex.h"

#include <doctest/doctest.h>
#include <regex.h>

#include <array>
#include <functional>
#include <random>

#include "tests/support/naive_matcher.h"
#include "tests/support/sbpl/probes.h"
#include "tests/support/sbpl/regex.h"

namespace srt::seatbelt {
namespace {

using glob::Atom;
using glob::CharacterSet;
using glob::CodePoint;

// Whether the C library's engine and the evaluator's, which must agree, say that a regex matches.
bool both_match(const std::string& regex, const std::string& text) {
  regex_t compiled;
  REQUIRE(regcomp(&compiled, regex.c_str(), REG_EXTENDED | REG_NOSUB) == 0);
  const bool matches = regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
  regfree(&compiled);
  const Result<test::sbpl::Regex> own = test::sbpl::Regex::compile(regex);
  REQUIRE(own);
  CHECK(own->matches(text) == matches);
  return matches;
}

bool regex_matches(const std::vector<Atom>& atoms, Letters letters, const std::string& text) {
  return both_match('^' + regex_of(atoms, letters) + '$', text);
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

TEST_CASE("the evaluator's engine matches what the C library's does") {
  std::mt19937 random(1);
  const auto below = [&](std::size_t limit) { return random() % limit; };
  const std::function<std::string(int)> regex = [&](int depth) {
    constexpr std::array<const char*, 8> kAtoms = {"a",      "b", "/", "[^/]",
                                                   "[ab-c]", ".", "$", "\\."};
    std::string out;
    for (std::size_t i = 0, end = 1 + below(3); i < end; ++i) {
      out +=
          depth > 0 && below(3) == 0 ? '(' + regex(depth - 1) + ')' : kAtoms[below(kAtoms.size())];
      constexpr std::array<const char*, 3> kCounts = {"*", "+", "?"};
      if (out.back() != '$' && below(4) == 0) out += kCounts[below(kCounts.size())];
    }
    return below(4) == 0 ? out + '|' + regex(0) : out;
  };
  for (int i = 0; i < 400; ++i) {
    const std::string tried = (below(2) == 0 ? "^" : "") + regex(2);
    CAPTURE(tried);
    for (int j = 0; j < 12; ++j) {
      std::string text = j % 2 == 0 ? test::sbpl::sample_of(tried, random) : "";
      for (std::size_t k = below(4); k > 0; --k) text += "ab/.c"[below(5)];
      CAPTURE(text);
      both_match(tried, text);
    }
  }
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

TEST_CASE("C14: widened text matches composed and decomposed names") {
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
