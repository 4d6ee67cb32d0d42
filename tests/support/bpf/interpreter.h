#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/base/result.h"

namespace srt::testing {

/// A classic BPF program of the kind that seccomp takes, and what it does.
class BpfInterpreter {
 public:
  struct Outcome {
    std::uint32_t action;      ///< what the program returned
    std::size_t instructions;  ///< how many ran, the return included
  };

  /// An error for what the kernel would refuse (`bpf_check_classic` in net/core/filter.c and
  /// `seccomp_check_filter` in kernel/seccomp.c): length, unknown or forbidden instructions, loads
  /// beside the fields of `struct seccomp_data`, jumps out of the program, an end without a return.
  static Result<BpfInterpreter> load(std::vector<sock_filter> program);

  Outcome run(const seccomp_data& data) const;

  const std::vector<sock_filter>& program() const { return program_; }

 private:
  explicit BpfInterpreter(std::vector<sock_filter> program) : program_(std::move(program)) {}

  std::vector<sock_filter> program_;
};

}  // namespace srt::testing
