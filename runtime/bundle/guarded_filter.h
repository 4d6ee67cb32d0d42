#pragma once

#include <linux/seccomp.h>

#include <cstdint>
#include <vector>

/// A filter hands the calls that make names over to a guard by these answers. Where nothing has to
/// be guarded after all, which the launch knows, the same program without them is the filter.
namespace srt::guarded_filter {

/// What a program returns for a call that makes a name. The kernel reads no data with it.
inline constexpr std::uint32_t kMaking = SECCOMP_RET_USER_NOTIF;
/// Likewise for one that takes a name away, which only matters for symbolic links.
inline constexpr std::uint32_t kRemoving = SECCOMP_RET_USER_NOTIF | 1;

/// Whether `filter`, each word a `struct sock_filter`, hands anything over.
bool is_guarded(const std::vector<std::uint64_t>& filter);

/// `filter` with everything allowed that it hands over, or only what takes names away.
std::vector<std::uint64_t> without_guard(std::vector<std::uint64_t> filter);
std::vector<std::uint64_t> without_removals(std::vector<std::uint64_t> filter);

}  // namespace srt::guarded_filter
