#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "compiler/diag/diagnostic.h"
#include "compiler/frontend/language/ast.h"
#include "compiler/source/source.h"

namespace srt::language {

/// Reads the statements of a file, which is valid UTF-8. Reports every statement that is none and
/// every word that the language does not have; those are left out of the result.
ast::File parse(const SourceSet& sources, FileId file, Diagnostics& diagnostics);

/// `text` with each `\x` replaced by `x`, as in reasons and names.
std::string unescape(std::string_view text);

}  // namespace srt::language
