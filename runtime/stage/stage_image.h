#pragma once

#include <cstddef>
#include <span>

namespace srt {

/// The second stage program, a static ELF executable. Lives as long as the process.
std::span<const std::byte> stage_image();

}  // namespace srt
