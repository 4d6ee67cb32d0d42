#pragma once

#include <string>

namespace srt {

/// A text as a shell reads it back, and as it can be shown.
std::string shell_quoted(const std::string& text);

}  // namespace srt
