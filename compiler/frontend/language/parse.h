#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/frontend/language/ast.h"
#include "compiler/source/source.h"

namespace srt::language {

/// Reads the statements of a file, which is valid UTF-8. Reports every statement that is none and
/// every word that the language does not have; those are left out of the result.
ast::File parse(const SourceSet& sources, FileId file, Diagnostics& diagnostics);

/// A word of a file, or what stands between words; spaces are left out.
struct Token {
  enum class Kind : std::uint8_t {
    word,  ///< an atom, a reserved word, a text in quotes, `=` or `:`
    comma,
    semicolon,
    open,     ///< `{` of a block
    close,    ///< `}` of a block
    newline,  ///< one line end
    comment,  ///< from `#` to the end of its line
  };

  Kind kind;
  std::string_view text;  ///< in the file
};

/// The tokens of a file that `parse` reads without a problem.
std::vector<Token> tokenize(const SourceSet& sources, FileId file);

/// `text` with each `\x` replaced by `x`, as in reasons and names.
std::string unescape(std::string_view text);

}  // namespace srt::language
