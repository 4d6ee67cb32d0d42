#pragma once

#include <cstddef>
#include <optional>

#include "compiler/diag/diagnostic.h"
#include "compiler/frontend/language/braces.h"
#include "compiler/glob/pattern.h"

namespace srt::language {

/// Reads a class, `[a-z]` or `[!a]`, from its `[` at `*next`, and moves `*next` behind its `]`. A
/// `]` that comes first and a `-` that comes first or last are themselves; `\` escapes. False after
/// an error, which is reported.
bool parse_character_class(const Alternative& pattern, FileId file, std::size_t* next,
                           glob::CharacterSet& out, Diagnostics& diagnostics);

/// What an escape stands for.
struct Escape {
  std::size_t length;  ///< of the escape in the pattern
  bool is_byte;        ///< spelled `\xHH`
  unsigned char byte;  ///< what it stands for; the first byte of a longer character
};

/// Reads the escape that begins at `at`: `\xHH` is a byte, any other `\c` is c. Nothing after an
/// error, which is reported.
std::optional<Escape> parse_escape(const Alternative& pattern, FileId file, std::size_t at,
                                   Diagnostics& diagnostics);

}  // namespace srt::language
