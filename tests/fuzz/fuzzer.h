#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

/// What every fuzzer defines: libFuzzer calls it with inputs that it makes up, and the replay test
/// with those of the tree.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace srt::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Ends the program with what a law found to be broken, if anything.
inline void hold(const std::string& breach) {
  if (breach.empty()) return;
  std::fprintf(stderr, "%s\n", breach.c_str());
  std::abort();
}

}  // namespace srt::fuzz
