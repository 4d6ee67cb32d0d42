#pragma once

#include <string>
#include <string_view>

#include "runtime/base/result.h"

namespace srt {

/// `PROGRAM: message; help` as one line of what a terminal can show (printable.h): file names and
/// what the command sent may hold anything.
std::string error_line(std::string_view program, const Error& error);

/// Says on standard error what went wrong, in one line.
void complain(std::string_view program, const Error& error);

}  // namespace srt
