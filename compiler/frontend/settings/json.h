#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/source/source.h"

namespace srt::settings {

/// Levels of objects and lists inside each other. No settings format has more than five.
inline constexpr std::size_t kMaxJsonDepth = 64;

struct JsonMember;

/// A JSON value and the bytes it was read from: of a string its quotes too, of an object or a list
/// everything between its brackets and the brackets.
struct JsonValue {
  enum class Kind : std::uint8_t { null, boolean, number, string, list, object };

  JsonValue();
  JsonValue(Kind of, Span at);

  Kind kind = Kind::null;
  Span span;
  bool boolean = false;
  double number = 0;
  std::string string;  ///< UTF-8, escapes replaced; may hold NUL
  std::vector<JsonValue> items;
  std::vector<JsonMember> members;  ///< in the order of the file
};

struct JsonMember {
  std::string key;
  Span key_span;
  JsonValue value;
};

// Here, where a list of members can be made.
inline JsonValue::JsonValue() = default;
inline JsonValue::JsonValue(Kind of, Span at) : kind(of), span(at) {}

/// What a message calls a value: `a string`, `a list`.
std::string_view describe(JsonValue::Kind kind);

/// Reads a file as JSON. Comments (`//` and `/* */`) and a byte order mark are accepted; a key that
/// appears twice in an object is an error, and both values are kept. Every problem is reported with
/// its place; nothing is returned where the file cannot be read to its end.
std::optional<JsonValue> read_json(const SourceSet& sources, FileId file, Diagnostics& diagnostics);

}  // namespace srt::settings
