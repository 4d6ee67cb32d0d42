#include <fmt/format.h>
#include <linux/seccomp.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>

#include "compiler/backend/seccomp/filter.h"

namespace srt::seccomp {
namespace {

/// System call numbers and small values read better as they are counted, the rest as bits.
std::string number(std::uint32_t value) {
  return value < 1024 ? fmt::format("{}", value) : fmt::format("{:#x}", value);
}

std::string field(std::uint32_t offset) {
  if (offset == offsetof(seccomp_data, nr)) return "number";
  if (offset == offsetof(seccomp_data, arch)) return "arch";
  if (offset >= offsetof(seccomp_data, args) && offset < sizeof(seccomp_data) && offset % 4 == 0) {
    const std::size_t word = (offset - offsetof(seccomp_data, args)) / 4;
    return fmt::format("argument {} {}", word / 2, word % 2 == 0 ? "low" : "high");
  }
  return fmt::format("byte {}", offset);
}

std::string verdict(std::uint32_t action) {
  const std::uint32_t data = action & SECCOMP_RET_DATA;
  switch (action & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ALLOW:
      return "allow";
    case SECCOMP_RET_KILL_PROCESS:
      return "kill process";
    case SECCOMP_RET_USER_NOTIF:
      return data == 0 ? "guard" : "guard links";
    case SECCOMP_RET_ERRNO:
      if (const char* name = strerrorname_np(static_cast<int>(data))) return name;
      return fmt::format("errno {}", data);
    default:
      return fmt::format("{:#x}", action);
  }
}

std::string branch(const char* condition, std::size_t pc, const sock_filter& instruction) {
  std::string text = fmt::format("if {} goto {}", condition, pc + 1 + instruction.jt);
  if (instruction.jf != 0) text += fmt::format(" else {}", pc + 1 + instruction.jf);
  return text;
}

std::string instruction_text(std::size_t pc, const sock_filter& instruction) {
  const std::uint32_t k = instruction.k;
  switch (instruction.code) {
    case BPF_LD | BPF_W | BPF_ABS:
      return "load " + field(k);
    case BPF_ALU | BPF_AND | BPF_K:
      return fmt::format("and {:#x}", k);
    case BPF_JMP | BPF_JA:
      return fmt::format("goto {}", pc + 1 + k);
    case BPF_JMP | BPF_JEQ | BPF_K:
      return branch(fmt::format("= {}", number(k)).c_str(), pc, instruction);
    case BPF_JMP | BPF_JGE | BPF_K:
      return branch(fmt::format(">= {}", number(k)).c_str(), pc, instruction);
    case BPF_JMP | BPF_JSET | BPF_K:
      return branch(fmt::format("any of {:#x}", k).c_str(), pc, instruction);
    case BPF_RET | BPF_K:
      return "return " + verdict(k);
    default:
      return fmt::format("code {:#06x} jt {} jf {} k {:#x}", instruction.code, instruction.jt,
                         instruction.jf, k);
  }
}

}  // namespace

std::string disassemble(std::span<const sock_filter> program) {
  std::string text;
  for (std::size_t pc = 0; pc < program.size(); ++pc) {
    fmt::format_to(std::back_inserter(text), "{:4}  {}\n", pc, instruction_text(pc, program[pc]));
  }
  return text;
}

}  // namespace srt::seccomp
