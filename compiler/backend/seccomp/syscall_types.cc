#include "compiler/backend/seccomp/syscall_types.h"

#include <array>
#include <cstddef>

namespace srt::seccomp {
namespace {

using enum ArgType;

struct Signature {
  std::string_view syscall;
  std::size_t count;
  std::array<ArgType, 6> types;
};

/// The same on every architecture of `Arch`. The arguments of clone after its flags have another
/// order on each and are left out.
constexpr Signature kSignatures[] = {
    // Modes are `umode_t`, 16 bits.
    {"chmod", 2, {kPointer, kUnsignedInt}},
    {"clone", 1, {kUnsignedLong}},
    {"creat", 2, {kPointer, kUnsignedInt}},
    {"fchmod", 2, {kUnsignedInt, kUnsignedInt}},
    {"fchmodat", 3, {kInt, kPointer, kUnsignedInt}},
    {"fchmodat2", 4, {kInt, kPointer, kUnsignedInt, kUnsignedInt}},
    {"ioctl", 3, {kUnsignedInt, kUnsignedInt, kUnsignedLong}},
    {"mknod", 3, {kPointer, kUnsignedInt, kUnsignedInt}},
    {"mknodat", 4, {kInt, kPointer, kUnsignedInt, kUnsignedInt}},
    {"open", 3, {kPointer, kInt, kUnsignedInt}},
    {"openat", 4, {kInt, kPointer, kInt, kUnsignedInt}},
    {"personality", 1, {kUnsignedInt}},
    {"socket", 3, {kInt, kInt, kInt}},
    {"socketpair", 4, {kInt, kInt, kInt, kPointer}},
    {"unshare", 1, {kUnsignedLong}},
};

}  // namespace

std::span<const ArgType> argument_types(std::string_view syscall) {
  for (const Signature& signature : kSignatures) {
    if (signature.syscall == syscall) return std::span(signature.types).first(signature.count);
  }
  return {};
}

}  // namespace srt::seccomp
