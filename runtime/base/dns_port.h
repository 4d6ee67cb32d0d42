#pragma once

#include <cstdint>

namespace srt {

/// The port on which name servers are asked (RFC 1035, section 4.2), by UDP and TCP.
inline constexpr std::uint16_t kDnsPort = 53;

}  // namespace srt
