#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace srt {

using Sha256Digest = std::array<std::uint8_t, 32>;

/// SHA-256 (FIPS 180-4) of the concatenation of `parts`. Ours because `srt-run` is static and
/// small, and no library at hand offers the one function without its cryptographic whole.
Sha256Digest sha256(std::initializer_list<std::string_view> parts);

/// Lower-case hexadecimal.
std::string to_hex(const Sha256Digest& digest);

}  // namespace srt
