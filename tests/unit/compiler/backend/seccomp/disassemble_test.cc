#include <doctest/doctest.h>
#include <linux/audit.h>
#include <linux/seccomp.h>

#include <cstddef>
#include <vector>

#include "compiler/backend/seccomp/filter.h"

namespace srt::seccomp {
namespace {

constexpr std::uint32_t kArgument1 = offsetof(seccomp_data, args) + 8;

TEST_CASE("each kind of instruction has its text") {
  const std::vector<sock_filter> program = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_AARCH64, 0, 13),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 198, 2, 0),
      BPF_STMT(BPF_JMP | BPF_JA, 9),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kArgument1 + 4),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kArgument1),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1023, 0, 1),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x400, 1, 2),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 13),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 4000),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_LOG),
      BPF_STMT(BPF_ST, 3),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
  };
  CHECK(disassemble(program) ==
        "   0  load arch\n"
        "   1  if = 0xc00000b7 goto 2 else 15\n"
        "   2  load number\n"
        "   3  if >= 198 goto 6\n"
        "   4  goto 14\n"
        "   5  load argument 1 high\n"
        "   6  load argument 1 low\n"
        "   7  and 0xf\n"
        "   8  if = 1023 goto 9 else 10\n"
        "   9  if any of 0x400 goto 11 else 12\n"
        "  10  return EACCES\n"
        "  11  return errno 4000\n"
        "  12  return 0x7ffc0000\n"
        "  13  code 0x0002 jt 0 jf 0 k 0x3\n"
        "  14  return allow\n"
        "  15  return kill process\n");
}

TEST_CASE("no program has no text") { CHECK(disassemble({}).empty()); }

}  // namespace
}  // namespace srt::seccomp
