#include "compiler/backend/seccomp/const_allow.h"

#include <doctest/doctest.h>
#include <linux/seccomp.h>

#include <cstddef>
#include <vector>

namespace srt::seccomp {
namespace {

constexpr sock_filter kLoadNumber = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr));
constexpr sock_filter kLoadArch = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch));
constexpr sock_filter kLoadArgument =
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args));
constexpr sock_filter kReturnAllow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
constexpr sock_filter kReturnErrno = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1);

using Program = std::vector<sock_filter>;

bool allowed(const Program& program, std::uint32_t number) {
  return is_const_allow(program, Arch::x86_64, number);
}

TEST_CASE("a way that reads only number and architecture is constant") {
  const Program by_number = {kLoadNumber, BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 10, 0, 1),
                             kReturnErrno, kReturnAllow};
  CHECK(allowed(by_number, 9));
  CHECK_FALSE(allowed(by_number, 10));

  const Program by_arch = {kLoadArch,
                           BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, audit_arch(Arch::x86_64), 1, 0),
                           kReturnErrno, kReturnAllow};
  CHECK(allowed(by_arch, 0));
  CHECK_FALSE(is_const_allow(by_arch, Arch::aarch64, 0));
}

TEST_CASE("all jumps and the one operation that the kernel follows are followed") {
  CHECK(allowed({BPF_STMT(BPF_JMP | BPF_JA, 1), kReturnErrno, kReturnAllow}, 0));
  const Program greater = {kLoadNumber, BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 10, 0, 1), kReturnErrno,
                           kReturnAllow};
  CHECK(allowed(greater, 10));
  CHECK_FALSE(allowed(greater, 11));
  const Program bits = {kLoadNumber, BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 6),
                        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 3, 0, 1), kReturnErrno, kReturnAllow};
  CHECK(allowed(bits, 5));
  CHECK_FALSE(allowed(bits, 2));
}

TEST_CASE("an argument, scratch memory or other arithmetic on the way spoils it") {
  CHECK_FALSE(allowed({kLoadArgument, kReturnAllow}, 0));
  CHECK_FALSE(allowed({kLoadNumber, BPF_STMT(BPF_ST, 0), kReturnAllow}, 0));
  CHECK_FALSE(allowed({kLoadNumber, BPF_STMT(BPF_ALU | BPF_OR | BPF_K, 1), kReturnAllow}, 0));
  CHECK_FALSE(allowed({BPF_STMT(BPF_LD | BPF_IMM, 1), BPF_STMT(BPF_RET | BPF_A, 0)}, 0));
}

TEST_CASE("a program without an end allows nothing") { CHECK_FALSE(allowed({kLoadNumber}, 0)); }

}  // namespace
}  // namespace srt::seccomp
