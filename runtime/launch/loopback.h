#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace srt {

/// 198.18.0.1, the sandbox's own address beside loopback, in the host's byte order.
inline constexpr std::uint32_t kSandboxAddress = 0xc6120001;

/// Sets up the loopback interface of the calling process's fresh network namespace: up, with
/// 198.18.0.1/32 besides its own addresses, since `AI_ADDRCONFIG` look-ups fail without one that is
/// not loopback, and with every other address routed to it as local. Returns 0 or an errno. A
/// kernel without IPv6 is fine. Allocates nothing: it runs in memory borrowed from the launcher.
///
/// The interface is called `names` as well, where the kernel lets it (Linux 5.5): an address like
/// `fe80::1%eth0` then leads to it.
int set_up_loopback(std::span<const std::string> names);

}  // namespace srt
