#pragma once

#include <string>

#include "runtime/base/result.h"
#include "runtime/base/unique_fd.h"

namespace srt {

/// Reads the argument of `--control-fd`: a descriptor above those of input, output and errors.
Result<int> control_number(const std::string& text);

/// Takes descriptor `number` of this process, which its own files must not have taken yet: it has
/// to be a pipe or a socket that is open.
Result<UniqueFd> take_control(int number);

}  // namespace srt
