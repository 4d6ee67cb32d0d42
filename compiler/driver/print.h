#pragma once

#include <string>
#include <string_view>

#include "runtime/base/result.h"

namespace srt::driver {

/// Writes `text` to standard output; false, after saying so, when that fails (a full disk, a closed
/// pipe).
bool print(std::string_view text);

/// Says on standard error what went wrong, in one line: `PROGRAM: message; help`.
void complain(std::string_view program, const Error& error);

}  // namespace srt::driver
