#pragma once

#include <linux/filter.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "compiler/backend/seccomp/verdict.h"
#include "runtime/base/result.h"

namespace srt::seccomp {

/// Writes a classic BPF program from its last instruction to its first. Jumps of BPF lead forward
/// only, so the distance to every target is known when a jump is written; targets beyond the eight
/// bits of a conditional jump are reached through an instruction behind it.
class Assembler {
 public:
  /// An instruction, counted from the end of the program, where the last one is 1.
  struct Label {
    std::size_t from_end;

    friend auto operator<=>(Label, Label) = default;
  };

  /// Ends the program with `verdict`. Asked again for the same, gives the same instruction.
  Label ret(Verdict verdict);

  /// Loads the 32-bit word at `offset` of `struct seccomp_data`, then runs what was written before.
  Label load(std::uint32_t offset);

  /// Keeps the bits of `mask` of what was loaded, then runs what was written before.
  Label keep_bits(std::uint32_t mask);

  /// Compares what was loaded with `operand` by `comparison` (`BPF_JEQ`, `BPF_JGE`, `BPF_JSET`) and
  /// goes on at `yes` or `no`.
  Label branch(std::uint16_t comparison, std::uint32_t operand, Label yes, Label no);

  /// Goes on at `target`; writes nothing when that is what was written last.
  Label go_to(Label target);

  /// The program, which starts with what was written last. An error when the kernel would refuse it
  /// for its length.
  Result<std::vector<sock_filter>> finish() const;

 private:
  Label write(sock_filter instruction);
  std::size_t distance(Label target) const { return backwards_.size() - target.from_end; }
  Label within_reach(Label target);

  std::vector<sock_filter> backwards_;
  std::map<Verdict, Label> returns_;
  std::map<Label, Label> stepping_stones_;
};

}  // namespace srt::seccomp
