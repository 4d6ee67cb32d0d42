#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace srt::seatbelt {

/// A text as a string literal of the profile language. UTF-8 stands as it is; a byte that is part
/// of no character is escaped, so that profiles are UTF-8 whatever the pattern.
std::string quote(std::string_view text);

/// A regular expression as a string literal: in the raw form `#"…"` where the text allows it, since
/// a regex without doubled backslashes can be read.
std::string quote_regex(std::string_view text);

/// An expression with every line but the first moved in by one level. Literals hold no line ends.
std::string indented(std::string_view expression);

/// Text for a comment, which ends at a line's end.
std::string comment_text(std::string text);

/// The sizes of the string literals of an expression, in bytes of their source.
struct LiteralSizes {
  std::size_t longest = 0;
  std::size_t total = 0;
};
LiteralSizes measure_literals(std::string_view expression);

}  // namespace srt::seatbelt
