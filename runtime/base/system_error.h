#pragma once

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "runtime/base/result.h"

namespace srt {

/// `what`, and the reason that `errno` gives.
inline Error system_error(std::string_view what) {
  return {std::string(what) + ": " + std::strerror(errno)};
}

}  // namespace srt
