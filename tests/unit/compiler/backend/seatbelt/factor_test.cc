#include "compiler/backend/seatbelt/factor.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <random>

#include "compiler/backend/seatbelt/comment.h"
#include "tests/support/sbpl/probes.h"
#include "tests/support/sbpl/regex.h"

namespace srt::seatbelt {
namespace {

using test::sbpl::Regex;

std::string text_of(const Pieces& pieces, Ending ending) {
  std::string out = "^";
  for (const std::string& piece : pieces) out += piece;
  return out + (ending == Ending::alone ? "$" : "($|/)");
}

Regex compiled(const std::string& text) {
  Result<Regex> regex = Regex::compile(text);
  REQUIRE_MESSAGE(regex, regex.error().message);
  return *std::move(regex);
}

bool any_matches(const std::vector<Regex>& regexes, const std::string& path) {
  return std::any_of(regexes.begin(), regexes.end(),
                     [&](const Regex& regex) { return regex.matches(path); });
}

// Components of few pieces, so that many begin alike.
Pieces random_regex(std::mt19937& random) {
  constexpr std::array<const char*, 5> kPieces = {"[aA]", "b", "\\.", "[^/]*", "(x|yz)"};
  Pieces out;
  for (std::size_t i = 0, end = 1 + random() % 3; i < end; ++i) {
    if (random() % 4 == 0) out.emplace_back(kAnySegments);
    out.emplace_back("/");
    for (std::size_t j = 0, pieces = 1 + random() % 3; j < pieces; ++j) {
      out.emplace_back(kPieces[random() % kPieces.size()]);
    }
  }
  return out;
}

TEST_CASE("few regexes match what many do") {
  std::mt19937 random(7);
  for (int round = 0; round < 60; ++round) {
    const Ending ending = round % 2 == 0 ? Ending::alone : Ending::subtree;
    std::vector<Pieces> many;
    std::vector<Regex> each;
    std::vector<std::string> texts;
    for (std::size_t i = 0, end = 1 + random() % 40; i < end; ++i) {
      many.push_back(random_regex(random));
      texts.push_back(text_of(many.back(), ending));
      each.push_back(compiled(texts.back()));
    }
    const std::vector<std::string> few = factored(many, ending);
    CHECK(few.size() <= many.size());
    std::shuffle(many.begin(), many.end(), random);
    CHECK(factored(many, ending) == few);
    std::vector<Regex> joined;
    for (const std::string& regex : few) joined.push_back(compiled('^' + regex));
    for (int i = 0; i < 100; ++i) {
      std::string path = test::sbpl::sample_of(texts[random() % texts.size()], random);
      if (i % 3 == 0) path += "ab/."[random() % 4];
      CAPTURE(path);
      CHECK(any_matches(joined, path) == any_matches(each, path));
    }
  }
}

TEST_CASE("what is too much for one regex becomes several, each short") {
  std::vector<Pieces> many;
  for (int i = 0; i < 500; ++i) {
    Pieces& regex = many.emplace_back();
    for (const char digit : std::to_string(i * 7919)) regex.emplace_back(1, digit);
    regex.insert(regex.begin(), "/");
  }
  const std::vector<std::string> few = factored(many, Ending::alone);
  CHECK(few.size() > 1);
  CHECK(few.size() < 20);
  for (const std::string& regex : few) CHECK(regex.size() <= kMaxFactoredBytes + 10);
}

TEST_CASE("what holds everywhere covers the same name anywhere, and nothing else") {
  const Pieces segments = {std::string(kAnySegments)};
  const auto regex = [&](Pieces pieces, bool everywhere = false) {
    if (everywhere) pieces.insert(pieces.begin(), segments[0]);
    return pieces;
  };
  Everywhere trees(Ending::subtree);
  trees.add(regex({"/", "a", "b"}, true));
  trees.add(regex({"/", "c"}));  // begins at the root directory
  CHECK(trees.cover(regex({"/", "a", "b"})));
  CHECK(trees.cover(regex({"/", "x", "/", "a", "b"})));
  CHECK(trees.cover(regex({"/", "a", "b", "/", "x"})));
  CHECK(trees.cover(regex({"/", "x", segments[0], "/", "a", "b", segments[0], "/", "y"})));
  CHECK_FALSE(trees.cover(regex({"/", "a", "b", "x"})));
  CHECK_FALSE(trees.cover(regex({"/", "x", "a", "b"})));
  CHECK_FALSE(trees.cover(regex({"/", "c"})));
  CHECK_FALSE(trees.cover(regex({"/", "a", "b"}, true)));  // itself
  CHECK(trees.cover(regex({"/", "a", "b", "/", "x"}, true)));
  Everywhere alone(Ending::alone);
  alone.add(regex({"/", "a"}, true));
  CHECK(alone.cover(regex({"/", "x", "/", "a"})));
  CHECK_FALSE(alone.cover(regex({"/", "a", "/", "x"})));
}

TEST_CASE("rules of a kind share a comment, names of a directory a list") {
  CHECK(comment_of({"deny read ~/.ssh", "deny read ~/.aws", "deny read /x existing",
                    "deny read /etc/a", "deny read ~/.ssh"}) ==
        std::vector<std::string>{"; deny read ~/{.ssh,.aws}, /etc/a", "; deny read /x existing"});
  CHECK(comment_of({"default read allow", "deny read \"/a b\"", "deny read ~/{x}"}) ==
        std::vector<std::string>{"; default read allow", "; deny read \"/a b\"",
                                 "; deny read ~/{x}"});
  std::vector<std::string> many;
  for (int i = 100; i < 130; ++i) many.push_back("deny read /srv/secret" + std::to_string(i));
  const std::vector<std::string> lines = comment_of(many);
  CHECK(lines.size() == 4);
  for (const std::string& line : lines) {
    CHECK(line.starts_with("; "));
    CHECK(line.size() <= 100);
  }
}

}  // namespace
}  // namespace srt::seatbelt
