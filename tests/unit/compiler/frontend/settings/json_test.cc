#include "compiler/frontend/settings/json.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "compiler/frontend/limits.h"

namespace srt::settings {
namespace {

struct Read {
  explicit Read(std::string text) {
    const FileId file = sources.add("settings.json", std::move(text));
    root = read_json(sources, file, diagnostics);
  }

  std::string text(Span span) const { return std::string(sources.text(span)); }

  // The only message, and the bytes it underlines.
  std::string message() const {
    REQUIRE(diagnostics.all().size() == 1);
    const Diagnostic& d = diagnostics.all().front();
    return d.text + " @ " + text(d.span);
  }

  SourceSet sources;
  Diagnostics diagnostics;
  std::optional<JsonValue> root;
};

std::string message(std::string text) {
  const Read read(std::move(text));
  CHECK_FALSE(read.root.has_value());
  return read.message();
}

TEST_CASE("every key and value has the bytes that spell it") {
  const Read read(
      "/* é */ {\r\n"
      "  \"k\\u00e9y\" : \"a\\\"b\\\\\", // \"no\": 1\r\n"
      "  \"ключ\"\t:\t-12.5e+1 ,\n"
      "  \"list\": [ true,false , null,0,  {\"x\":[]} ]\n"
      "}\n");
  REQUIRE(read.root.has_value());
  const JsonValue& root = *read.root;
  CHECK(read.text(root.span).front() == '{');
  CHECK(read.text(root.span).back() == '}');
  REQUIRE(root.members.size() == 3);

  CHECK(root.members[0].key == "kéy");
  CHECK(read.text(root.members[0].key_span) == "\"k\\u00e9y\"");
  CHECK(root.members[0].value.string == "a\"b\\");
  CHECK(read.text(root.members[0].value.span) == "\"a\\\"b\\\\\"");

  CHECK(read.text(root.members[1].key_span) == "\"ключ\"");
  CHECK(root.members[1].value.number == -125);
  CHECK(read.text(root.members[1].value.span) == "-12.5e+1");

  const std::vector<JsonValue>& items = root.members[2].value.items;
  CHECK(read.text(root.members[2].value.span) == "[ true,false , null,0,  {\"x\":[]} ]");
  REQUIRE(items.size() == 5);
  CHECK(read.text(items[0].span) == "true");
  CHECK(read.text(items[1].span) == "false");
  CHECK(read.text(items[2].span) == "null");
  CHECK(read.text(items[3].span) == "0");
  CHECK(read.text(items[4].span) == "{\"x\":[]}");
  CHECK(read.text(items[4].members[0].key_span) == "\"x\"");
  CHECK(read.text(items[4].members[0].value.span) == "[]");
}

TEST_CASE("a byte order mark is passed over") {
  const Read read("\xEF\xBB\xBF{\"a\":7}");
  REQUIRE(read.root.has_value());
  CHECK(read.text(read.root->span) == "{\"a\":7}");
  CHECK(read.text(read.root->members[0].value.span) == "7");
}

TEST_CASE("a number at the very end has its bytes") {
  const Read read("  42");
  REQUIRE(read.root.has_value());
  CHECK(read.text(read.root->span) == "42");
}

TEST_CASE("what stands in the wrong place is named with what could stand there") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"nonsense", "expected `{`, found `nonsense` @ nonsense"},
      {"{a: 1}", "expected a key in double quotes or `}`, found `a` @ a"},
      {"{'a': 1}", "expected a key in double quotes or `}`, found `'` @ '"},
      {"{,}", "expected a key in double quotes or `}`, found `,` @ ,"},
      {"{\"a\" 1}", "expected `:`, found `1` @ 1"},
      {"{\"a\": }", "expected a value, found `}` @ }"},
      {"{\"a\": tru}", "expected a value, found `tru` @ tru"},
      {"{\"a\": +1}", "expected a value, found `+1` @ +1"},
      {"{\"a\": 1. }", "expected a value, found `1.` @ 1."},
      {"{\"a\": 01}", "expected `,` or `}`, found `1` @ 1"},
      {"{\"a\": 1-2}", "expected `,` or `}`, found `-2` @ -2"},
      {"{\"a\": 1 \"b\": 2}", "expected `,` or `}`, found `\"` @ \""},
      {"{\"a\": 1,}", "expected a key in double quotes, found `}` @ }"},
      {"{\"a\": [,]}", "expected a value or `]`, found `,` @ ,"},
      {"{\"a\": [1 2]}", "expected `,` or `]`, found `2` @ 2"},
      {"{\"a\": [1, /* x */ ]}", "expected a value, found `]` @ ]"},
      {"{} é", "expected the end of the file, found `é` @ é"},
      {"{\"a\": \x01}", "expected a value, found byte 0x01 @ \x01"},
      {"{\"a\": 1 /* ", "expected `,` or `}`, found a comment that does not end @ /*"},
      {"{\"a\": 1", "expected `,` or `}`, found the end of the file @ "},
      {"{\"a\": [{", "expected a key in double quotes or `}`, found the end of the file @ "},
      {"{\"a\": 1e999}", "the number `1e999` is too large @ 1e999"},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    CHECK(message(text) == expected);
  }
}

TEST_CASE("a comma behind the last entry is explained") {
  for (const std::string text : {"{\"a\": 1,}", "{\"a\": [1,]}"}) {
    CAPTURE(text);
    const Read read(text);
    REQUIRE(read.diagnostics.all().size() == 1);
    CHECK(read.diagnostics.all()[0].help == "leave out the comma behind the last entry");
  }
}

TEST_CASE("a string that cannot be read is underlined where it fails") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{\"a\": \"b", "the string does not end @ \"b"},
      {"{\"a\": \"b\n\"}", "the string does not end on its line @ \"b"},
      {"{\"a\": \"b\tc\"}", "the string holds byte 0x09 @ \t"},
      {"{\"a\": \"b\\qc\"}", "the string holds `\\q`, which is no escape @ \\q"},
      {"{\"a\": \"b\\u12\"}", "the string holds `\\u`, which is no escape @ \\u"},
      {"{\"a\": \"\\ud800x\"}", "the string holds `\\ud800`, half a character @ \\ud800"},
      {"{\"a\": \"\\udc00\"}", "the string holds `\\udc00`, half a character @ \\udc00"},
      {"{\"a\\", "the string holds `\\`, which is no escape @ \\"},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    CHECK(message(text) == expected);
  }
}

TEST_CASE("surrogate pairs are characters") {
  const Read read("{\"a\": \"\\ud83d\\ude00\"}");
  REQUIRE(read.root.has_value());
  CHECK(read.root->members[0].value.string == "😀");
}

TEST_CASE("a key that appears twice is an error at its second place") {
  const Read read("{\"b\": 1,\n \"a\": {\"x\": 1, \"\\u0078\": 2},\n \"b\": 3}");
  REQUIRE(read.diagnostics.all().size() == 2);
  CHECK(read.diagnostics.all()[0].text == "the key `x` appears twice");
  CHECK(read.text(read.diagnostics.all()[0].span) == "\"\\u0078\"");
  CHECK(read.diagnostics.all()[0].help == "keep this one or the one at settings.json:2:8");
  CHECK(read.sources.location(read.diagnostics.all()[1].span) == "settings.json:3:2");
  CHECK(read.diagnostics.all()[1].help == "keep this one or the one at settings.json:1:2");
}

TEST_CASE("a file without a value is empty") {
  for (const std::string text :
       {"", " \r\n\t", "// only this", "/* and that */ ", "\xEF\xBB\xBF"}) {
    CAPTURE(text);
    CHECK(message(text).starts_with("the policy is empty @ "));
  }
}

TEST_CASE("bytes that no JSON text has are named") {
  CHECK(message("{\"a\": \"\xFF\"}") == "byte 0xff is not part of any UTF-8 character @ \xFF");
  using namespace std::string_literals;
  CHECK(message("{}\0{}"s) == "the policy contains a NUL byte @ \0"s);
}

TEST_CASE("nesting has a limit") {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  CHECK(Read(nested(kMaxJsonDepth)).root.has_value());
  CHECK(message(nested(kMaxJsonDepth + 1)) == "lists and objects are nested more than 64 deep @ [");
}

TEST_CASE("the size has a limit") {
  const auto padded = [](std::size_t bytes) { return "{}" + std::string(bytes - 2, ' '); };
  CHECK(Read(padded(kMaxPolicyBytes)).root.has_value());
  CHECK(message(padded(kMaxPolicyBytes + 1)).starts_with("the policy has 4194305 bytes"));
}

TEST_CASE("hostile files give one message within a second") {
  std::string garbage(std::size_t{10} << 20, '\0');
  std::uint32_t state = 1;
  for (char& c : garbage) {
    state = state * 1664525 + 1013904223;
    c = static_cast<char>(state >> 24);
  }
  const std::vector<std::string> texts = {
      std::move(garbage),
      std::string(200'000, '['),
      [] {
        std::string deep;
        for (int i = 0; i < 200'000; ++i) deep += "{\"a\":";
        return deep;
      }(),
      "{\"a\": \"" + std::string(1 << 20, 'a'),
      "{\"a\": " + std::string(1 << 20, '7') + "x",
      std::string(1 << 20, '\\'),
  };
  for (const std::string& text : texts) {
    const auto start = std::chrono::steady_clock::now();
    const Read read(text);
    const auto took = std::chrono::steady_clock::now() - start;
    CHECK_FALSE(read.root.has_value());
    CHECK(read.diagnostics.all().size() == 1);
    CHECK(took < std::chrono::seconds(1));
  }
}

}  // namespace
}  // namespace srt::settings
