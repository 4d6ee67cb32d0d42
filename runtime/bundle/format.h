#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// The first bytes of a bundle, outside the FlatBuffer so that they can be judged before anything
/// of it is read:
///
///     0   8 bytes  "srtb\r\n\x1a\n": like PNG's, it shows damage by text-mode transfers
///     8   u16      format the bundle is written in
///    10   u16      oldest reader format that understands it
///    12   u32      bytes of payload that follow the header
///    16  32 bytes  SHA-256 of bytes 0..15 and the payload
///    48            the payload, a `srt.fb.Bundle`
///
/// Numbers are little-endian.
namespace srt::format {

inline constexpr std::string_view kMagic("srtb\r\n\x1a\n", 8);
inline constexpr std::uint16_t kVersion = 1;        ///< what this program writes and reads
inline constexpr std::uint16_t kOldestReader = 1;   ///< what it takes to read what we write
inline constexpr std::uint16_t kOldestVersion = 1;  ///< the oldest format this program reads

inline constexpr std::size_t kVersionAt = 8;
inline constexpr std::size_t kOldestReaderAt = 10;
inline constexpr std::size_t kSizeAt = 12;
inline constexpr std::size_t kDigestAt = 16;
inline constexpr std::size_t kHeaderSize = 48;

/// Far above any bundle: the largest automaton over the largest alphabet is a few megabytes.
inline constexpr std::size_t kMaxBundleSize = std::size_t{64} << 20;

}  // namespace srt::format
