#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

namespace srt::verify::sbpl {

/// An expression of a profile as it is written.
struct Expression {
  enum class Kind : std::uint8_t { list, symbol, string, number };

  Kind kind;
  std::vector<Expression> items;  ///< of a list
  std::string text;               ///< a symbol's name, a string's value, a number's digits
  std::size_t line;               ///< where it begins, from 1 on
  std::size_t column;

  bool is_symbol(std::string_view name) const { return kind == Kind::symbol && text == name; }
  bool is_call() const { return kind == Kind::list && !items.empty() && items[0].is_name(); }

 private:
  bool is_name() const { return kind == Kind::symbol; }
};

/// `LINE:COLUMN: ` and what is wrong there.
Error error_at(const Expression& where, const std::string& what);

/// Reads the text of a profile: lists, symbols, whole numbers, comments, and strings, which are
/// `"…"` with the escapes `\\`, `\"` and `\xHH` of TinyScheme, or `#"…"` without any. Everything
/// else is an error with its position; so is text that Seatbelt would not load.
Result<std::vector<Expression>> read_scheme(std::string_view text);

}  // namespace srt::verify::sbpl
