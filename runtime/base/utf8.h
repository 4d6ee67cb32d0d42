#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace srt {

/// What stands at one place of a byte string: a UTF-8 character, or a byte that is part of none.
struct Utf8Unit {
  std::uint32_t code_point;  ///< of a character; the byte itself otherwise
  std::uint32_t length;      ///< in bytes: 1 to 4
  bool valid;
};

/// Reads the unit at `at`, which must be inside `text`. Overlong forms, surrogates and values above
/// U+10FFFF are no characters (RFC 3629).
Utf8Unit decode_utf8(std::string_view text, std::size_t at);

/// Appends a character's encoding.
void append_utf8(std::string& out, std::uint32_t code_point);

/// The offset of the first byte that is part of no character.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

}  // namespace srt
