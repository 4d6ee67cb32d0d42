#include "compiler/backend/seccomp/arch.h"

#include <linux/audit.h>
#include <seccomp.h>

#include <cstddef>

namespace srt::seccomp {
namespace {

struct ArchRow {
  std::string_view name;
  std::uint32_t audit;
};

/// In the order of `Arch`.
constexpr std::array<ArchRow, kArchs.size()> kRows = {{
    {"x86_64", AUDIT_ARCH_X86_64},
    {"aarch64", AUDIT_ARCH_AARCH64},
    {"riscv64", AUDIT_ARCH_RISCV64},
}};

const ArchRow& row(Arch arch) { return kRows[static_cast<std::size_t>(arch)]; }

}  // namespace

std::string_view arch_name(Arch arch) { return row(arch).name; }

std::uint32_t audit_arch(Arch arch) { return row(arch).audit; }

Result<Arch> build_arch() {
  // libseccomp's tokens are the kernel's AUDIT_ARCH values (seccomp.h).
  const std::uint32_t native = seccomp_arch_native();
  for (const Arch arch : kArchs) {
    if (audit_arch(arch) == native) return arch;
  }
  return Error{"no system call filter can be built for this machine",
               "use a machine of type x86_64, aarch64 or riscv64"};
}

}  // namespace srt::seccomp
