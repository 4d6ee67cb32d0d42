#include <doctest/doctest.h>

#include <random>

#include "tests/support/patterns.h"
#include "tests/unit/compiler/glob/automata.h"

// `?` and sets take a character of UTF-8, or a byte that is part of none.
namespace srt::glob {
namespace {

using test::literal;

// One or two bytes of every role that a byte has in UTF-8 (RFC 3629, section 4).
const std::string kBytes = "a\x80\x82\x9F\xA9\xBF\xC0\xC3\xE0\xE2\xED\xF0\xF4\xF5\xFF";

// Names of up to three of these bytes, and longer ones that hold whole characters.
std::vector<std::string> names() {
  std::vector<std::string> all = {""};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string at = all[i];
    if (at.size() == 3) continue;
    for (const char byte : kBytes) all.push_back(at + byte);
  }
  for (const char* name : {"\xF0\x9F\x82\xA9", "\xF0\x80\x80\x80", "\xF4\x8F\xBF\xBF",
                           "\xF4\x9F\xBF\xBF", "\xE2\x82\xAC\xE2\x82\xAC", "a\xF0\x9F\x82\xA9",
                           "\xF0\x9F\x82\xA9z", "\xE2\xE2\x82\xAC", "\xF0\x9F\xC3\xA9"}) {
    all.emplace_back(name);
  }
  std::mt19937 random(7);
  for (int i = 0; i < 3000; ++i) {
    std::string name;
    for (std::size_t size = 4 + random() % 4; size > 0; --size) {
      name += kBytes[random() % kBytes.size()];
    }
    all.push_back(name);
  }
  return all;
}

std::vector<std::vector<Atom>> patterns() {
  const Atom one = test::one();
  const Atom e_acute = test::set({{0xE9, 0xE9}});
  const Atom not_e_acute = test::set({{1, '.'}, {'0', 0xE8}, {0xEA, kMaxCodePoint}});
  const Atom stray = test::set({{kInvalidByte + 0x80, kInvalidByte + 0xBF}});
  const Atom not_ascii = test::set({{0x80, kMaxCodePoint}});
  const Atom wide = test::set({{0x10000, 0x10FFFF}});
  const Atom symbols = test::set({{0x2000, 0x20AF}, {0xD7FF, 0xE000}});
  const Atom run = test::run();
  return {{one},
          {one, one},
          {one, one, one},
          {e_acute},
          {not_e_acute},
          {stray},
          {stray, one},
          {not_ascii},
          {not_ascii, not_ascii},
          {wide},
          {symbols, run},
          {run, e_acute},
          {run, one},
          {run, stray, run},
          {literal("\xC3"), one},
          {literal("\xC3"), run},
          {literal("\xC3\xA9")},
          {one, literal("\xA9")},
          {one, literal("\x82\xAC")},
          {literal("\xE2"), one, run},
          {literal("\xE2\x82"), one},
          {run, literal("\xAC")},
          {literal("\xF0\x9F"), stray},
          {one, run, literal("a")},
          {not_e_acute, run, e_acute}};
}

TEST_CASE("characters, stray bytes and cut characters are read as they stand") {
  const std::vector<std::string> all = names();
  for (const std::vector<Atom>& name : patterns()) {
    PathSet set{{{}, {literal("/")}, false}, {}, {}};
    set.pattern.atoms.insert(set.pattern.atoms.end(), name.begin(), name.end());
    const Compiled compiled(set);
    for (const std::string& bytes : all) {
      const std::string path = '/' + bytes;
      if (compiled.contains(path) == test::matches(set, path, {})) continue;
      FAIL_CHECK(ir::spell({}, set), " on ", doctest::toString(path));
    }
  }
}

TEST_CASE("a character that is cut by the end of a component is stray bytes") {
  const PathSet set{{{}, {literal("/"), test::one(), literal("/a")}, false}, {}, {}};
  const Compiled compiled(set);
  CHECK(compiled.contains("/\xC3\xA9/a"));
  CHECK(compiled.contains("/\xC3/a"));
  CHECK_FALSE(compiled.contains("/\xE2\x82/a"));
}

TEST_CASE("an anchor that ends in a cut character ends it") {
  const PathSet set{{0, {literal("/"), test::one()}, false}, {}, {}};
  const Compiled compiled(set, 1);
  CHECK(compiled.contains("/\xC3/\xA9", {"/\xC3"}));
  CHECK(compiled.contains("/\xE2\x82/\xE2\x82\xAC", {"/\xE2\x82"}));
  CHECK_FALSE(compiled.contains("/\xE2\x82/\xE2\x82", {"/\xE2\x82"}));
}

TEST_CASE("sets over all of Unicode stay small") {
  const PathSet set{{{}, {literal("/"), test::one(), test::run(), test::one()}, true}, {}, {}};
  CHECK(Compiled(set).dfa.size() < 100);
}

}  // namespace
}  // namespace srt::glob
