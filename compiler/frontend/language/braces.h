#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/source/source.h"

namespace srt::language {

/// One alternative of a pattern, still with its escapes, and where each of its bytes stands.
struct Alternative {
  std::string text;
  std::vector<std::uint32_t> at;  ///< for each byte of `text`, its offset in the file
  std::uint32_t end = 0;          ///< the offset behind the pattern

  /// Where bytes `begin` to `end` of `text` stand, from the first to the last.
  Span span(FileId file, std::size_t first, std::size_t last) const;
};

/// Expands the braces of a pattern, `{a,b}` and within each other, in the order in which they spell
/// the alternatives: `x{a,{b,c}}` gives `xa`, `xb`, `xc`. `${…}` is left as it is. After an error,
/// which is reported, the result is empty.
std::vector<Alternative> expand_braces(std::string_view pattern, Span span,
                                       Diagnostics& diagnostics);

}  // namespace srt::language
