#pragma once

#include <cstdint>

/// What this project uses of Landlock (include/uapi/linux/landlock.h), by the ABI that has it. Of
/// its own, as distributions' headers are older than their users' kernels.
namespace srt::landlock {

inline constexpr unsigned kGetVersion = 1;  ///< LANDLOCK_CREATE_RULESET_VERSION

inline constexpr std::uint64_t kExecute = 1 << 0;
inline constexpr std::uint64_t kWriteFile = 1 << 1;
inline constexpr std::uint64_t kReadFile = 1 << 2;
inline constexpr std::uint64_t kReadDir = 1 << 3;
inline constexpr std::uint64_t kRemoveDir = 1 << 4;
inline constexpr std::uint64_t kRemoveFile = 1 << 5;
inline constexpr std::uint64_t kMakeChar = 1 << 6;
inline constexpr std::uint64_t kMakeDir = 1 << 7;
inline constexpr std::uint64_t kMakeReg = 1 << 8;
inline constexpr std::uint64_t kMakeSock = 1 << 9;
inline constexpr std::uint64_t kMakeFifo = 1 << 10;
inline constexpr std::uint64_t kMakeBlock = 1 << 11;
inline constexpr std::uint64_t kMakeSym = 1 << 12;
inline constexpr std::uint64_t kRefer = 1 << 13;     // ABI 2
inline constexpr std::uint64_t kTruncate = 1 << 14;  // ABI 3
inline constexpr std::uint64_t kIoctlDev = 1 << 15;  // ABI 5

inline constexpr std::uint64_t kRead = kExecute | kReadFile | kReadDir;
/// Devices are not made: no capability is left for it.
inline constexpr std::uint64_t kWrite = kWriteFile | kRemoveDir | kRemoveFile | kMakeDir |
                                        kMakeReg | kMakeSock | kMakeFifo | kMakeSym | kRefer |
                                        kTruncate;
/// Those that a rule about something that is no directory can give.
inline constexpr std::uint64_t kOfFiles = kExecute | kWriteFile | kReadFile | kTruncate | kIoctlDev;

/// All rights on files that a kernel of `abi` knows and that are restricted here. None before ABI
/// 2, which would refuse every move from one directory to another.
constexpr std::uint64_t handled_rights(long abi) {
  if (abi < 2) return 0;
  std::uint64_t rights = kRead | kWrite | kMakeChar | kMakeBlock | kIoctlDev;
  if (abi < 3) rights &= ~kTruncate;
  if (abi < 5) rights &= ~kIoctlDev;
  return rights;
}

/// LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET and LANDLOCK_SCOPE_SIGNAL, from ABI 6 on.
constexpr std::uint64_t scopes(long abi) { return abi < 6 ? 0 : 3; }

}  // namespace srt::landlock
