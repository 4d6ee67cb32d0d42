#include "compiler/backend/seccomp/const_allow.h"

#include <linux/seccomp.h>

#include <cstddef>

namespace srt::seccomp {

bool is_const_allow(std::span<const sock_filter> program, Arch arch, std::uint32_t number) {
  std::uint32_t accumulator = 0;
  for (std::size_t pc = 0; pc < program.size(); ++pc) {
    const sock_filter& instruction = program[pc];
    const std::uint32_t k = instruction.k;
    const auto jump = [&](bool taken) { pc += taken ? instruction.jt : instruction.jf; };
    switch (instruction.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        if (k == offsetof(seccomp_data, nr)) {
          accumulator = number;
        } else if (k == offsetof(seccomp_data, arch)) {
          accumulator = audit_arch(arch);
        } else {
          return false;
        }
        break;
      case BPF_RET | BPF_K:
        return k == SECCOMP_RET_ALLOW;
      case BPF_JMP | BPF_JA:
        pc += k;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        jump(accumulator == k);
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        jump(accumulator >= k);
        break;
      case BPF_JMP | BPF_JGT | BPF_K:
        jump(accumulator > k);
        break;
      case BPF_JMP | BPF_JSET | BPF_K:
        jump((accumulator & k) != 0);
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        accumulator &= k;
        break;
      default:
        return false;
    }
  }
  return false;
}

}  // namespace srt::seccomp
