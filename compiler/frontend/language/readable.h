#pragma once

#include <string_view>

#include "compiler/diag/diagnostic.h"
#include "compiler/source/source.h"

namespace srt::language {

/// Whether the parser can be given the text. Reports what is wrong with it as a whole.
bool is_readable(std::string_view text, FileId file, Diagnostics& diagnostics);

}  // namespace srt::language
