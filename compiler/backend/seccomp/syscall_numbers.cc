#include "compiler/backend/seccomp/syscall_numbers.h"

#include <fmt/format.h>
#include <seccomp.h>

#include <cstdlib>
#include <memory>
#include <set>

namespace srt::seccomp {

Result<std::optional<std::uint32_t>> syscall_number(Arch arch, std::string_view syscall) {
  const int number =
      seccomp_syscall_resolve_name_arch(audit_arch(arch), std::string(syscall).c_str());
  if (number == __NR_SCMP_ERROR) {
    return Error{fmt::format("unknown system call `{}`", syscall),
                 "check the spelling; libseccomp 2.5.4 or later is needed"};
  }
  // Other negative numbers stand for calls that only other architectures have.
  if (number < 0) return std::optional<std::uint32_t>();
  return std::optional(static_cast<std::uint32_t>(number));
}

std::optional<std::string> known_syscall(Arch arch, std::uint32_t number) {
  if (number > kLastReviewedNumber) return std::nullopt;
  const std::unique_ptr<char, decltype(&std::free)> name(
      seccomp_syscall_resolve_num_arch(audit_arch(arch), static_cast<int>(number)), &std::free);
  if (!name) return std::nullopt;
  return std::string(name.get());
}

const std::vector<std::string>& known_syscalls() {
  static const std::vector<std::string> all = [] {
    std::set<std::string> names;
    for (const Arch arch : kArchs) {
      for (std::uint32_t number = 0; number <= kLastReviewedNumber; ++number) {
        if (auto name = known_syscall(arch, number)) names.insert(*std::move(name));
      }
    }
    return std::vector<std::string>(names.begin(), names.end());
  }();
  return all;
}

}  // namespace srt::seccomp
