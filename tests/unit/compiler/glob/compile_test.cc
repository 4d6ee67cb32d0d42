#include <doctest/doctest.h>

#include "tests/support/patterns.h"
#include "tests/unit/compiler/glob/automata.h"

// Every small pattern against the naive reading of it on every small path.
namespace srt::glob {
namespace {

using test::AnchorValues;
using test::literal;

const std::vector<Atom>& atoms() {
  static const std::vector<Atom> all = {
      literal("/a"),
      literal("/"),
      literal("a"),
      literal("b"),
      test::one(),
      test::run(),
      test::text(),
      test::segments(),
      test::set({{'a', 'a'}}),
      test::set({{1, '.'}, {'0', 'a' - 1}, {'b', kMaxCodePoint}})};
  return all;
}

// Whether `next` begins a component, as it has to behind an anchor and whole components.
bool begins_component(const Atom& next) {
  return next.kind == Atom::Kind::segments || next.bytes.starts_with('/');
}

// Every well-formed sequence of `length` atoms.
template <typename F>
void for_sequences(std::size_t length, std::vector<Atom>& sequence, F&& visit) {
  if (sequence.size() == length) return visit(sequence);
  const bool after_whole = !sequence.empty() && sequence.back().kind == Atom::Kind::segments;
  for (const Atom& atom : atoms()) {
    if (after_whole && !begins_component(atom)) continue;
    sequence.push_back(atom);
    for_sequences(length, sequence, visit);
    sequence.pop_back();
  }
}

std::string described(const PathSet& set) { return ir::spell(test::policy_with_anchors(2), set); }

void check(const PathSet& set, const std::vector<std::string>& paths, const AnchorValues& anchors) {
  const Compiled compiled(set, anchors.size());
  for (const std::string& path : paths) {
    const bool expected = test::matches(set, path, anchors);
    if (compiled.contains(path, anchors) == expected) continue;
    FAIL_CHECK(described(set), " on `", path, "`: expected ", expected);
  }
}

TEST_CASE("every pattern of up to three atoms matches what it spells") {
  const std::vector<std::string> paths = test::paths_of_size("ab", 5);
  for (std::size_t length = 0; length <= 3; ++length) {
    std::vector<Atom> sequence;
    for_sequences(length, sequence, [&](const std::vector<Atom>& found) {
      for (const bool subtree : {false, true}) check({{{}, found, subtree}, {}, {}}, paths, {});
    });
  }
}

TEST_CASE("every pattern of up to two atoms starts where its anchor ends") {
  const std::vector<std::string> paths = test::paths_of_size("ab", 6);
  for (std::size_t length = 0; length <= 2; ++length) {
    std::vector<Atom> sequence;
    for_sequences(length, sequence, [&](const std::vector<Atom>& found) {
      if (!found.empty() && !begins_component(found[0])) return;
      for (const bool subtree : {false, true}) {
        for (const char* anchor : {"", "/a", "/a/b", "/ab"}) {
          check({{0, found, subtree}, {}, {}}, paths, {anchor});
        }
      }
    });
  }
}

TEST_CASE("the mark of another anchor is read over") {
  const std::vector<std::string> paths = test::paths_of_size("ab", 6);
  const std::vector<AnchorValues> arrangements = {{"", ""},       {"/a", "/a"}, {"/a", "/a/b"},
                                                  {"/a/b", "/a"}, {"/a", "/b"}, {"", "/a"}};
  for (const std::vector<Atom>& found : {std::vector<Atom>{},
                                         {literal("/a")},
                                         {literal("/b"), test::run()},
                                         {test::segments(), literal("/b")},
                                         {literal("/"), test::one(), test::one()}}) {
    for (const bool subtree : {false, true}) {
      for (const AnchorValues& anchors : arrangements) {
        check({{0, found, subtree}, {}, {}}, paths, anchors);
        check({{1, found, subtree}, {}, {}}, paths, anchors);
        check({{std::nullopt, found, subtree}, {}, {}}, paths, anchors);
      }
    }
  }
}

TEST_CASE("random sets with exceptions and conditions contain what they spell") {
  const std::vector<std::string> paths = test::paths_over({"a", "b", "aa"}, 4);
  test::PolicyGenerator random(1, 2);
  const std::vector<AnchorValues> arrangements = {{"", ""},       {"/a", "/a"},  {"/a", "/a/b"},
                                                  {"/a/b", "/a"}, {"/a", "/aa"}, {"", "/b"}};
  for (int i = 0; i < 300; ++i) {
    check(random.set(3), paths, arrangements[random.below(arrangements.size())]);
  }
}

TEST_CASE("canonical paths are those without empty components and NUL") {
  const PathSet set{{{}, {literal("/a")}, false}, {}, {}};
  const Alphabet alphabet(std::vector<const PathSet*>{&set}, 1);
  const Dfa dfa = canonical_paths(alphabet);
  const auto contains = [&](std::string_view word) {
    return label_of(dfa, alphabet, word, {"/none"}) != 0;
  };
  for (const char* path : {"", "/a", "/a/b", "/\xFF", "/a/.../b"}) CHECK(contains(path));
  for (const char* path : {"/", "a", "/a/", "//", "/a//b", "//a"}) CHECK_FALSE(contains(path));
  CHECK_FALSE(contains(std::string_view("/\0", 2)));

  std::uint32_t after_slash = dfa.step(0, alphabet.byte('/'));
  after_slash = dfa.step(after_slash, alphabet.mark(0));
  CHECK(dfa.label[dfa.step(after_slash, alphabet.byte('a'))] == 0);  // no directory ends there
}

TEST_CASE("a pattern has as many states as it may have, and not one more") {
  // A path of n bytes alone: one state for each of its beginnings, the whole, and failure.
  const auto compiled = [](std::size_t bytes) {
    const PathSet set{
        {{}, {{Atom::Kind::literal, "/" + std::string(bytes - 1, 'a')}}, false}, {}, {}};
    return compile(set, Alphabet(std::array<const PathSet*, 1>{&set}, 0));
  };
  const Result<Dfa> most = compiled(kMaxPatternStates - 2);
  REQUIRE(most);
  CHECK(most->size() == kMaxPatternStates);
  const Result<Dfa> more = compiled(kMaxPatternStates - 1);
  REQUIRE_FALSE(more);
  CHECK(more.error().message == "a pattern needs too many states");
}

TEST_CASE("a pattern that needs too many states is refused, not cut") {
  // Every state remembers in which of the last sixteen components an `a` stood.
  PathPattern pattern{{}, {test::segments(), literal("/a")}, false};
  for (int i = 0; i < 16; ++i) {
    pattern.atoms.push_back(literal("/"));
    pattern.atoms.push_back(test::run());
  }
  const PathSet set{pattern, {}, {}};
  const Alphabet alphabet(std::vector<const PathSet*>{&set}, 0);
  const Result<Dfa> dfa = compile(set, alphabet);
  REQUIRE_FALSE(dfa);
  CHECK(dfa.error().message == "a pattern needs too many states");
  CHECK_FALSE(dfa.error().help.empty());
}

TEST_CASE("bytes that no pattern tells apart share a class") {
  const PathSet plain{{{}, {literal("/a")}, true}, {}, {}};
  const Alphabet small(std::vector<const PathSet*>{&plain}, 2);
  CHECK(small.class_count() == 4);  // NUL, `/`, `a`, the rest
  CHECK(small.size() == 6);
  CHECK(small.byte('b') == small.byte(0xFF));
  CHECK(small.representative(small.byte('b')) >= '0');
  CHECK(small.is_mark(small.mark(0)));
  CHECK(small.mark(0) != small.mark(1));
  CHECK_FALSE(small.is_mark(small.byte('a')));

  const PathSet characters{{{}, {literal("/"), test::set({{0xE9, 0xE9}})}, true}, {}, {}};
  const Alphabet large(std::vector<const PathSet*>{&characters}, 0);
  CHECK(large.byte(0xC3) != large.byte(0xC4));
  CHECK(large.byte('b') == large.byte('c'));
}

}  // namespace
}  // namespace srt::glob
