#pragma once

#include <string>

namespace srt {

/// `text` as it can be shown on a terminal: control characters would act on it, and so would bytes
/// that some terminals take for them. Those of ASCII become spaces, the others `?`; no text changes
/// its length in bytes.
std::string printable(std::string text);

}  // namespace srt
