#pragma once

#include <string>
#include <string_view>

namespace srt::net {

/// `text` in backticks for a message: control bytes, backticks and bytes outside ASCII as `\xHH`,
/// cut after 80 bytes. Host names come from the confined program; they must not reach a terminal as
/// they are.
std::string quote(std::string_view text);

}  // namespace srt::net
