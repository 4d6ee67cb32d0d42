#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

namespace srt::test::sbpl {

/// An expression of the profile language as it was read.
struct Expression {
  enum class Kind { list, symbol, string, number };

  Kind kind;
  std::vector<Expression> items = {};  ///< of a list
  std::string text = {};               ///< a symbol's name, a string's value, a number's digits

  bool is_symbol(std::string_view name) const { return kind == Kind::symbol && text == name; }
};

/// Reads a profile: lists, symbols, numbers, strings with the escapes of TinyScheme, raw strings
/// (`#"…"`) and comments. A string whose source has more than 1025 bytes is an error, as it is in
/// Seatbelt.
Result<std::vector<Expression>> read(std::string_view text);

}  // namespace srt::test::sbpl
