#include "tests/support/bpf/interpreter.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <optional>
#include <utility>

namespace srt::testing {
namespace {

struct Alu {
  std::uint16_t operation;
  /// Nothing for a division by zero or a shift by more than the word has.
  std::optional<std::uint32_t> (*apply)(std::uint32_t, std::uint32_t);
};

using Operand = std::uint32_t;
using Value = std::optional<std::uint32_t>;

constexpr Alu kAlu[] = {
    {BPF_ADD, [](Operand a, Operand b) -> Value { return a + b; }},
    {BPF_SUB, [](Operand a, Operand b) -> Value { return a - b; }},
    {BPF_MUL, [](Operand a, Operand b) -> Value { return a * b; }},
    {BPF_AND, [](Operand a, Operand b) -> Value { return a & b; }},
    {BPF_OR, [](Operand a, Operand b) -> Value { return a | b; }},
    {BPF_XOR, [](Operand a, Operand b) -> Value { return a ^ b; }},
    {BPF_DIV, [](Operand a, Operand b) { return b != 0 ? Value(a / b) : std::nullopt; }},
    {BPF_LSH, [](Operand a, Operand b) { return b < 32 ? Value(a << b) : std::nullopt; }},
    {BPF_RSH, [](Operand a, Operand b) { return b < 32 ? Value(a >> b) : std::nullopt; }},
};

const Alu* find_alu(std::uint16_t code) {
  for (const Alu& alu : kAlu) {
    if (alu.operation == BPF_OP(code)) return &alu;
  }
  return nullptr;
}

struct Comparison {
  std::uint16_t operation;
  bool (*holds)(std::uint32_t, std::uint32_t);
};

constexpr Comparison kComparisons[] = {
    {BPF_JEQ, [](Operand a, Operand b) { return a == b; }},
    {BPF_JGT, [](Operand a, Operand b) { return a > b; }},
    {BPF_JGE, [](Operand a, Operand b) { return a >= b; }},
    {BPF_JSET, [](Operand a, Operand b) { return (a & b) != 0; }},
};

const Comparison* find_comparison(std::uint16_t code) {
  for (const Comparison& comparison : kComparisons) {
    if (comparison.operation == BPF_OP(code)) return &comparison;
  }
  return nullptr;
}

/// Why the kernel would refuse the instruction with `following` others behind it, or nothing.
const char* refusal(const sock_filter& instruction, std::size_t following) {
  const auto [code, jt, jf, k] = instruction;
  if (code > 0xff) return "unknown instruction";
  switch (BPF_CLASS(code)) {
    case BPF_LD:
      if (code == (BPF_LD | BPF_W | BPF_ABS)) {
        return k % 4 == 0 && k < sizeof(seccomp_data) ? nullptr : "load beside the fields";
      }
      [[fallthrough]];
    case BPF_LDX:
      if (BPF_SIZE(code) != BPF_W) return "load of a part of a word";
      if (BPF_MODE(code) == BPF_IMM || BPF_MODE(code) == BPF_LEN) return nullptr;
      if (BPF_MODE(code) == BPF_MEM) return k < BPF_MEMWORDS ? nullptr : "no such scratch word";
      return "unknown load";
    case BPF_ST:
    case BPF_STX:
      if (code != BPF_CLASS(code)) return "unknown store";
      return k < BPF_MEMWORDS ? nullptr : "no such scratch word";
    case BPF_ALU: {
      if (code == (BPF_ALU | BPF_NEG)) return nullptr;
      const Alu* alu = find_alu(code);
      if (alu == nullptr) return "unknown arithmetic";
      const bool is_constant = BPF_SRC(code) == BPF_K;
      return is_constant && !alu->apply(1, k) ? "impossible operand" : nullptr;
    }
    case BPF_JMP:
      if (code == (BPF_JMP | BPF_JA)) return k < following ? nullptr : "jump out of the program";
      if (find_comparison(code) == nullptr) return "unknown comparison";
      return jt < following && jf < following ? nullptr : "jump out of the program";
    case BPF_RET:
      return code == (BPF_RET | BPF_K) || code == (BPF_RET | BPF_A) ? nullptr : "unknown return";
    default:
      return code == (BPF_MISC | BPF_TAX) || code == (BPF_MISC | BPF_TXA) ? nullptr
                                                                          : "unknown transfer";
  }
}

std::uint32_t word_at(const seccomp_data& data, std::uint32_t offset) {
  std::uint32_t word;
  std::memcpy(&word, reinterpret_cast<const char*>(&data) + offset, sizeof word);
  return word;
}

}  // namespace

Result<BpfInterpreter> BpfInterpreter::load(std::vector<sock_filter> program) {
  if (program.empty() || program.size() > BPF_MAXINSNS) {
    return Error{fmt::format("a program of {} instructions", program.size())};
  }
  for (std::size_t pc = 0; pc < program.size(); ++pc) {
    if (const char* why = refusal(program[pc], program.size() - pc - 1)) {
      return Error{fmt::format("instruction {}: {}", pc, why)};
    }
  }
  if (BPF_CLASS(program.back().code) != BPF_RET) return Error{"no return at the end"};
  return BpfInterpreter(std::move(program));
}

BpfInterpreter::Outcome BpfInterpreter::run(const seccomp_data& data) const {
  std::uint32_t a = 0;
  std::uint32_t x = 0;
  std::array<std::uint32_t, BPF_MEMWORDS> memory{};
  const auto loaded = [&](const sock_filter& instruction) -> std::uint32_t {
    switch (BPF_MODE(instruction.code)) {
      case BPF_ABS:
        return word_at(data, instruction.k);
      case BPF_LEN:
        return sizeof(seccomp_data);
      case BPF_MEM:
        return memory[instruction.k];
      default:
        return instruction.k;
    }
  };

  std::size_t pc = 0;
  for (std::size_t instructions = 1;; ++instructions) {
    const sock_filter& instruction = program_[pc++];
    const std::uint32_t operand = BPF_SRC(instruction.code) == BPF_X ? x : instruction.k;
    switch (BPF_CLASS(instruction.code)) {
      case BPF_LD:
        a = loaded(instruction);
        break;
      case BPF_LDX:
        x = loaded(instruction);
        break;
      case BPF_ST:
        memory[instruction.k] = a;
        break;
      case BPF_STX:
        memory[instruction.k] = x;
        break;
      case BPF_ALU: {
        if (BPF_OP(instruction.code) == BPF_NEG) {
          a = 0U - a;
          break;
        }
        // The kernel ends a program that divides by zero with 0, which is to kill the thread.
        const Value result = find_alu(instruction.code)->apply(a, operand);
        if (!result) return {SECCOMP_RET_KILL_THREAD, instructions};
        a = *result;
        break;
      }
      case BPF_JMP:
        if (BPF_OP(instruction.code) == BPF_JA) {
          pc += instruction.k;
        } else {
          pc += find_comparison(instruction.code)->holds(a, operand) ? instruction.jt
                                                                     : instruction.jf;
        }
        break;
      case BPF_RET:
        return {BPF_RVAL(instruction.code) == BPF_A ? a : instruction.k, instructions};
      default:
        (BPF_MISCOP(instruction.code) == BPF_TAX ? x : a) =
            BPF_MISCOP(instruction.code) == BPF_TAX ? a : x;
    }
  }
}

}  // namespace srt::testing
