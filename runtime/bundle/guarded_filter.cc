#include "runtime/bundle/guarded_filter.h"

#include <linux/filter.h>

#include <algorithm>

namespace srt::guarded_filter {
namespace {

// A little-endian `struct sock_filter`: the code in the low 16 bits, `k` in the high 32.
constexpr std::uint64_t answer(std::uint32_t action) {
  return std::uint64_t{action} << 32 | (BPF_RET | BPF_K);
}

}  // namespace

bool is_guarded(const std::vector<std::uint64_t>& filter) {
  return std::any_of(filter.begin(), filter.end(), [](std::uint64_t instruction) {
    return instruction == answer(kMaking) || instruction == answer(kRemoving);
  });
}

std::vector<std::uint64_t> without_guard(std::vector<std::uint64_t> filter) {
  std::replace(filter.begin(), filter.end(), answer(kMaking), answer(SECCOMP_RET_ALLOW));
  return without_removals(std::move(filter));
}

std::vector<std::uint64_t> without_removals(std::vector<std::uint64_t> filter) {
  std::replace(filter.begin(), filter.end(), answer(kRemoving), answer(SECCOMP_RET_ALLOW));
  return filter;
}

}  // namespace srt::guarded_filter
