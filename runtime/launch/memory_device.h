#pragma once

#include <sys/sysmacros.h>
#include <sys/types.h>

#include <array>

namespace srt {

/// A device that holds nothing: whatever is behind it is the same for everybody.
struct MemoryDevice {
  unsigned number;
  const char* path;
};

/// Those of them that every /dev has (Documentation/admin-guide/devices.txt of the kernel).
inline constexpr unsigned kMemoryMajor = 1;
inline constexpr std::array kMemoryDevices = {
    MemoryDevice{3, "/dev/null"}, MemoryDevice{5, "/dev/zero"}, MemoryDevice{7, "/dev/full"},
    MemoryDevice{8, "/dev/random"}, MemoryDevice{9, "/dev/urandom"}};

/// The one with this number, or null.
inline const MemoryDevice* memory_device(dev_t device) {
  if (major(device) != kMemoryMajor) return nullptr;
  for (const MemoryDevice& known : kMemoryDevices) {
    if (minor(device) == known.number) return &known;
  }
  return nullptr;
}

}  // namespace srt
