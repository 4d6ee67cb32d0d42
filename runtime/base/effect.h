#pragma once

#include <cstdint>

namespace srt {

/// What a rule does with the requests that it matches.
enum class Effect : uint8_t { allow, deny };

}  // namespace srt
