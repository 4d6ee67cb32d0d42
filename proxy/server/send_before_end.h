#pragma once

#include <cstddef>
#include <string_view>

namespace srt::net {

/// Sends what of `bytes` goes without waiting, as the last of a connection that is about to end:
/// the end then takes no segment of its own where the kernel can be told so. How many were sent.
size_t send_before_end(int socket, std::string_view bytes);

}  // namespace srt::net
