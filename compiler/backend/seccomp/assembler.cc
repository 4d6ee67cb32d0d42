#include "compiler/backend/seccomp/assembler.h"

#include <fmt/format.h>

namespace srt::seccomp {
namespace {

/// One less than a conditional jump can: the stepping stone of its other branch may be written
/// between.
constexpr std::size_t kReach = 254;

}  // namespace

Assembler::Label Assembler::write(sock_filter instruction) {
  backwards_.push_back(instruction);
  return {backwards_.size()};
}

Assembler::Label Assembler::ret(Verdict verdict) {
  const auto known = returns_.find(verdict);
  if (known != returns_.end()) return known->second;
  const Label label = write(BPF_STMT(BPF_RET | BPF_K, verdict.action));
  returns_.emplace(verdict, label);
  return label;
}

Assembler::Label Assembler::load(std::uint32_t offset) {
  return write(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset));
}

Assembler::Label Assembler::keep_bits(std::uint32_t mask) {
  return write(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask));
}

Assembler::Label Assembler::within_reach(Label target) {
  if (distance(target) <= kReach) return target;
  const auto stone = stepping_stones_.find(target);
  if (stone != stepping_stones_.end() && distance(stone->second) <= kReach) return stone->second;

  // A copy of a return is as short as a jump to it, and one instruction less on the way.
  const sock_filter& there = backwards_[target.from_end - 1];
  const bool returns = BPF_CLASS(there.code) == BPF_RET;
  const sock_filter jump = BPF_STMT(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(distance(target)));
  const Label near = write(returns ? sock_filter(there) : jump);
  stepping_stones_.insert_or_assign(target, near);
  return near;
}

Assembler::Label Assembler::branch(std::uint16_t comparison, std::uint32_t operand, Label yes,
                                   Label no) {
  const Label near_yes = within_reach(yes);
  const Label near_no = within_reach(no);
  return write({.code = static_cast<std::uint16_t>(BPF_JMP | comparison | BPF_K),
                .jt = static_cast<std::uint8_t>(distance(near_yes)),
                .jf = static_cast<std::uint8_t>(distance(near_no)),
                .k = operand});
}

Assembler::Label Assembler::go_to(Label target) {
  if (distance(target) == 0) return target;
  return write(BPF_STMT(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(distance(target))));
}

Result<std::vector<sock_filter>> Assembler::finish() const {
  if (backwards_.size() > BPF_MAXINSNS) {
    return Error{fmt::format("the system call filter has {} instructions, the kernel takes {}",
                             backwards_.size(), BPF_MAXINSNS),
                 "judge fewer arguments"};
  }
  return std::vector<sock_filter>(backwards_.rbegin(), backwards_.rend());
}

}  // namespace srt::seccomp
