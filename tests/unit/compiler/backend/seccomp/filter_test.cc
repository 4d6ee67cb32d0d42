#include "compiler/backend/seccomp/filter.h"

#include <doctest/doctest.h>
#include <linux/audit.h>
#include <linux/sched.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "compiler/backend/seccomp/const_allow.h"
#include "tests/unit/compiler/backend/seccomp/calls.h"

namespace srt::seccomp {
namespace {

constexpr Verdict kAbsent = fail_with(ENOSYS);
constexpr std::uint32_t kX32 = 0x40000000;

/// The names of the calls that a default rule is about.
std::set<std::string, std::less<>> ruled() {
  std::set<std::string, std::less<>> names;
  for (const Rule& rule : default_rules({})) {
    names.insert(rule.syscalls.begin(), rule.syscalls.end());
  }
  return names;
}

TEST_CASE("C29: numbers that are no known call fail as on a kernel without them") {
  for (const Arch arch : kArchs) {
    const auto filter = interpreter(build_filter(arch, {}));
    CAPTURE(std::string(arch_name(arch)));
    for (std::uint32_t number = 0; number < 1024; ++number) {
      if (known_syscall(arch, number)) continue;
      CAPTURE(number);
      REQUIRE(verdict(filter, call(arch, number)) == kAbsent);
    }
    for (const std::uint32_t number : {kLastReviewedNumber + 1, 4096U, 0x7fffffffU, 0xffffffffU}) {
      CHECK(verdict(filter, call(arch, number)) == kAbsent);
    }
  }
}

TEST_CASE("C29: x32 calls fail as on a kernel without x32, every one of them") {
  const auto filter = interpreter(build_filter(Arch::x86_64, {}));
  for (std::uint32_t number = 0; number < 1024; ++number) {
    REQUIRE(verdict(filter, call(Arch::x86_64, kX32 | number)) == kAbsent);
  }
}

TEST_CASE("C29: calls of another architecture end the process, every one of them") {
  for (const Arch arch : kArchs) {
    const auto filter = interpreter(build_filter(arch, {}));
    std::set<std::uint32_t> foreign = {
        AUDIT_ARCH_I386, AUDIT_ARCH_ARM, AUDIT_ARCH_RISCV32, AUDIT_ARCH_PPC64LE, 0, 0xffffffff};
    for (const Arch other : kArchs) foreign.insert(audit_arch(other));
    foreign.erase(audit_arch(arch));
    for (const std::uint32_t other : foreign) {
      for (std::uint32_t number = 0; number < 1024; ++number) {
        seccomp_data data = call(arch, number);
        data.arch = other;
        REQUIRE(verdict(filter, data) == kKillProcess);
      }
    }
  }
}

TEST_CASE("the kernel caches every call that no rule is about, and no other") {
  const auto names = ruled();
  for (const Arch arch : kArchs) {
    const auto filter = interpreter(build_filter(arch, {}));
    for (std::uint32_t number = 0; number < 1024; ++number) {
      const auto name = known_syscall(arch, number);
      CAPTURE(number);
      REQUIRE(is_const_allow(filter.program(), arch, number) == (name && !names.contains(*name)));
    }
  }
}

TEST_CASE("programs are the same every time and differ by option and architecture") {
  std::set<std::string> texts;
  for (const Arch arch : kArchs) {
    for (const bool unix_sockets : {false, true}) {
      const auto first = build_filter(arch, {.allow_unix_sockets = unix_sockets});
      const auto second = build_filter(arch, {.allow_unix_sockets = unix_sockets});
      REQUIRE(first);
      REQUIRE(second);
      CHECK(disassemble(*first) == disassemble(*second));
      texts.insert(disassemble(*first));
    }
  }
  CHECK(texts.size() == 2 * kArchs.size());
}

TEST_CASE("programs are short, and so is the way through them") {
  constexpr std::size_t kMostInstructions = 131;
  struct Way {
    const char* syscall;
    Arguments arguments;
    std::size_t most;
  };
  const Way ways[] = {
      {"socket", {AF_INET, SOCK_STREAM}, 15},
      {"clone", {CLONE_VM | CLONE_THREAD}, 11},
      {"ioctl", {0, 0x5401}, 12},
      {"personality", {0xffffffff}, 13},
      {"openat", {}, 14},
  };
  for (const Arch arch : kArchs) {
    const auto filter = interpreter(build_filter(arch, {}));
    MESSAGE(arch_name(arch), ": ", filter.program().size(), " instructions");
    CHECK(filter.program().size() <= kMostInstructions);
    for (const Way& way : ways) {
      const auto data = call(arch, number_of(arch, way.syscall).value(), way.arguments);
      const auto outcome = filter.run(data);
      MESSAGE(arch_name(arch), ": ", std::string(way.syscall), ": ", outcome.instructions, " run");
      CHECK(Verdict{outcome.action} == kAllow);
      CHECK(outcome.instructions <= way.most);
    }
  }
}

}  // namespace
}  // namespace srt::seccomp
