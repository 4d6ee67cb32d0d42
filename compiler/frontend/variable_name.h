#pragma once

#include <algorithm>
#include <string_view>

namespace srt {

/// Whether a shell can set a variable of this name (POSIX.1-2017, Base Definitions 3.235).
inline bool is_variable_name(std::string_view name) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return !name.empty() && !is_digit(name[0]) && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
  });
}

}  // namespace srt
