#pragma once

#include <string_view>

#include "runtime/base/complain.h"  // IWYU pragma: export

namespace srt::driver {

/// Writes `text` to standard output; false, after saying so, when that fails (a full disk, a closed
/// pipe).
bool print(std::string_view text);

}  // namespace srt::driver
