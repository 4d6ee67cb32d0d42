#pragma once

#include <cstdint>
#include <string_view>

namespace srt {

/// What a rule does with the requests that match it, and what a decision says of one.
enum class Effect : std::uint8_t { allow, deny };

constexpr std::string_view to_string(Effect effect) {
  return effect == Effect::allow ? "allow" : "deny";
}

}  // namespace srt
