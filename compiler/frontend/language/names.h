#pragma once

#include <string_view>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/source/source.h"
#include "runtime/base/name_pattern.h"
#include "runtime/base/operation.h"

namespace srt::language {

/// Reads a pattern over names, one for each alternative of its braces. `\xHH` is a byte there, any
/// other `\c` the character. What is wrong is reported; the result is then empty.
std::vector<NamePattern> parse_names(std::string_view text, Span span, Diagnostics& diagnostics);

/// Whether what a request of the operation would ask for has wildcards or alternatives in it that
/// are not escaped, and so is no one thing. `${…}` is none of them.
bool names_several(Operation operation, std::string_view subject);

/// The place of a `${…}` in a text that has none, which is reported: true when there is one.
bool refuse_parameters(std::string_view text, Span span, Diagnostics& diagnostics);

}  // namespace srt::language
