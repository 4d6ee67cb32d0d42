#include "compiler/source/source.h"

#include <doctest/doctest.h>

#include <array>

#include "compiler/source/edit_distance.h"

namespace srt {
namespace {

TEST_CASE("places are counted in lines and bytes from 1") {
  const SourceFile file("f", "ab\n\nc\xC3\xA9\r\nlast");
  const auto at = [&](std::uint32_t offset) {
    const Position position = file.position(offset);
    return std::pair(position.line, position.column);
  };
  CHECK(at(0) == std::pair(1U, 1U));
  CHECK(at(2) == std::pair(1U, 3U));  // the line end belongs to its line
  CHECK(at(3) == std::pair(2U, 1U));
  CHECK(at(7) == std::pair(3U, 4U));
  CHECK(at(13) == std::pair(4U, 5U));  // one past the end
  CHECK(file.line(1) == "ab");
  CHECK(file.line(2).empty());
  CHECK(file.line(3) == "c\xC3\xA9");
  CHECK(file.line(4) == "last");
}

TEST_CASE("a text without lines has one") {
  const SourceFile empty("f", "");
  CHECK(empty.position(0).line == 1);
  CHECK(empty.line(1).empty());
  const SourceFile ended("f", "a\n");
  CHECK(ended.position(2).line == 2);
  CHECK(ended.line(2).empty());
}

TEST_CASE("files of a set keep their place") {
  SourceSet sources;
  const FileId first = sources.add("first.srt", "one two");
  const std::string_view text = sources.file(first).text();
  for (int i = 0; i < 100; ++i) sources.add("more", "x");
  CHECK(sources.file(first).text().data() == text.data());
  CHECK(sources.text({first, 4, 7}) == "two");
  CHECK(sources.location({first, 4, 7}) == "first.srt:1:5");
}

TEST_CASE("a likely meaning is found, an unlikely one not") {
  constexpr std::array<std::string_view, 5> kWords = {"allow", "deny", "default", "param", "use"};
  const auto meant = [&](std::string_view word) { return closest(word, kWords); };
  CHECK(meant("alow") == "allow");    // a letter is missing
  CHECK(meant("alllow") == "allow");  // one too many
  CHECK(meant("ellow") == "allow");   // another one
  CHECK(meant("dney") == "deny");     // two swapped
  CHECK(meant("DENY") == "deny");     // case counts nothing
  CHECK(meant("defalut") == "default");
  CHECK(meant("us") == "use");
  CHECK_FALSE(meant("permit"));
  CHECK_FALSE(meant("dxxy"));
  CHECK_FALSE(meant(""));
  CHECK_FALSE(closest("deny", {}));
}

TEST_CASE("of equally near candidates the first is meant") {
  constexpr std::array<std::string_view, 2> kWords = {"ax", "ay"};
  CHECK(closest("az", kWords) == "ax");
}

}  // namespace
}  // namespace srt
