#include "tests/support/bpf/interpreter.h"

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace srt::testing {
namespace {

using Program = std::vector<sock_filter>;

constexpr sock_filter kReturn = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
constexpr sock_filter kReturnA = BPF_STMT(BPF_RET | BPF_A, 0);

/// A program that leaves `a` in A and `x` in X.
Program with(std::uint32_t a, std::uint32_t x) {
  return {BPF_STMT(BPF_LDX | BPF_IMM, x), BPF_STMT(BPF_LD | BPF_IMM, a)};
}

std::uint32_t result(Program program, const Program& rest, const seccomp_data& data = {}) {
  program.insert(program.end(), rest.begin(), rest.end());
  const auto loaded = BpfInterpreter::load(program);
  REQUIRE(loaded);
  return loaded->run(data).action;
}

TEST_CASE("programs that the kernel refuses are refused") {
  CHECK(BpfInterpreter::load({kReturn}));
  CHECK_FALSE(BpfInterpreter::load({}));
  CHECK_FALSE(BpfInterpreter::load(Program(BPF_MAXINSNS + 1, kReturn)));
  CHECK_FALSE(BpfInterpreter::load({BPF_STMT(BPF_LD | BPF_IMM, 0)}));

  const sock_filter refused[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, sizeof(seccomp_data)),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
      BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0),
      BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
      BPF_STMT(BPF_LD | BPF_MEM, BPF_MEMWORDS),
      BPF_STMT(BPF_ST, BPF_MEMWORDS),
      BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 1),
      BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0),
      BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32),
      BPF_STMT(BPF_JMP | BPF_JA, 1),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
      BPF_STMT(0x100, 0),
  };
  for (const sock_filter& instruction : refused) {
    CAPTURE(instruction.code);
    CHECK_FALSE(BpfInterpreter::load({instruction, kReturn}));
  }
}

TEST_CASE("arithmetic wraps at 32 bits") {
  CHECK(result(with(0xffffffff, 2), {BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0), kReturnA}) == 1);
  CHECK(result(with(1, 0), {BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 2), kReturnA}) == 0xffffffff);
  CHECK(result(with(6, 4), {BPF_STMT(BPF_ALU | BPF_OR | BPF_X, 0), kReturnA}) == 6);
  CHECK(result(with(5, 0), {BPF_STMT(BPF_ALU | BPF_NEG, 0), kReturnA}) == 0xfffffffb);
  CHECK(result(with(5, 0), {BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0), kReturnA}) ==
        SECCOMP_RET_KILL_THREAD);
}

TEST_CASE("registers and scratch memory keep what is put there") {
  CHECK(result(with(1, 9), {BPF_STMT(BPF_MISC | BPF_TXA, 0), kReturnA}) == 9);
  CHECK(result(with(1, 9), {BPF_STMT(BPF_MISC | BPF_TAX, 0), BPF_STMT(BPF_LD | BPF_IMM, 3),
                            BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0), kReturnA}) == 4);
  CHECK(result(with(1, 9), {BPF_STMT(BPF_STX, 3), BPF_STMT(BPF_LD | BPF_MEM, 3), kReturnA}) == 9);
  CHECK(result({}, {BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), kReturnA}) == sizeof(seccomp_data));
}

TEST_CASE("loads read the fields of a call, low words first") {
  seccomp_data data{};
  data.nr = 3;
  data.args[1] = 0x1122334455667788;
  const auto at = [&](std::size_t offset) {
    return result(
        {}, {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)), kReturnA},
        data);
  };
  CHECK(at(offsetof(seccomp_data, nr)) == 3);
  CHECK(at(offsetof(seccomp_data, args) + 8) == 0x55667788);
  CHECK(at(offsetof(seccomp_data, args) + 12) == 0x11223344);
}

TEST_CASE("comparisons are unsigned and take the branch they name") {
  const auto taken = [](std::uint16_t comparison, std::uint32_t a, std::uint32_t k) {
    return result(with(a, 0), {BPF_JUMP(static_cast<std::uint16_t>(BPF_JMP | comparison), k, 0, 1),
                               BPF_STMT(BPF_RET | BPF_K, 1), BPF_STMT(BPF_RET | BPF_K, 0)}) == 1;
  };
  CHECK(taken(BPF_JEQ, 4, 4));
  CHECK_FALSE(taken(BPF_JEQ, 4, 5));
  CHECK(taken(BPF_JGE, 0x80000000, 1));
  CHECK(taken(BPF_JGE, 4, 4));
  CHECK_FALSE(taken(BPF_JGT, 4, 4));
  CHECK(taken(BPF_JSET, 6, 3));
  CHECK_FALSE(taken(BPF_JSET, 4, 3));
}

TEST_CASE("the instructions that ran are counted") {
  const auto loaded =
      BpfInterpreter::load({BPF_STMT(BPF_JMP | BPF_JA, 1), BPF_STMT(BPF_LD | BPF_IMM, 0), kReturn});
  REQUIRE(loaded);
  CHECK(loaded->run({}).instructions == 2);
}

}  // namespace
}  // namespace srt::testing
