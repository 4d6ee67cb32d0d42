#pragma once

#include <cstdint>
#include <string>

namespace srt::test {

/// A policy that the compiler accepts, of every statement that the language has, in the layouts
/// that it allows: the same for the same seed.
std::string random_policy(std::uint32_t seed);

}  // namespace srt::test
