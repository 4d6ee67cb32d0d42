#pragma once

#include <doctest/doctest.h>
#include <linux/seccomp.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/backend/seccomp/arch.h"
#include "compiler/backend/seccomp/syscall_numbers.h"
#include "compiler/backend/seccomp/verdict.h"
#include "tests/support/bpf/interpreter.h"

namespace srt::seccomp {

using Arguments = std::array<std::uint64_t, 6>;

inline seccomp_data call(Arch arch, std::uint32_t number, const Arguments& arguments = {}) {
  seccomp_data data{};
  data.nr = static_cast<int>(number);
  data.arch = audit_arch(arch);
  for (std::size_t i = 0; i < arguments.size(); ++i) data.args[i] = arguments[i];
  return data;
}

/// The number, or nothing where `arch` does not have the call.
inline std::optional<std::uint32_t> number_of(Arch arch, std::string_view syscall) {
  const auto number = syscall_number(arch, syscall);
  REQUIRE_MESSAGE(number, std::string(syscall));
  return *number;
}

inline testing::BpfInterpreter interpreter(Result<std::vector<sock_filter>> program) {
  REQUIRE_MESSAGE(program, (program ? "" : program.error().message));
  auto loaded = testing::BpfInterpreter::load(*std::move(program));
  REQUIRE_MESSAGE(loaded, (loaded ? "" : loaded.error().message));
  return *std::move(loaded);
}

inline Verdict verdict(const testing::BpfInterpreter& filter, const seccomp_data& data) {
  return {filter.run(data).action};
}

}  // namespace srt::seccomp
