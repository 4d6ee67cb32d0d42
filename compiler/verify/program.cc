#include "compiler/verify/program.h"

#include <fmt/format.h>
#include <linux/seccomp.h>

#include <cstddef>

namespace srt::verify {
namespace {

// A program of srt's has some hundreds of ways through it.
constexpr std::size_t kMaxPaths = 200'000;

// What the accumulator holds: some bits of one word of `struct seccomp_data`.
struct Loaded {
  enum class What : std::uint8_t { nothing, number, arch, argument };
  What what = What::nothing;
  std::size_t word = 0;  // of an argument
  std::uint32_t mask = UINT32_MAX;
};

std::optional<Loaded> loaded_at(std::uint32_t offset) {
  using enum Loaded::What;
  if (offset == offsetof(seccomp_data, nr)) return Loaded{number};
  if (offset == offsetof(seccomp_data, arch)) return Loaded{arch};
  const std::uint32_t first = offsetof(seccomp_data, args);
  if (offset < first || offset >= sizeof(seccomp_data) || offset % 4 != 0) return std::nullopt;
  return Loaded{argument, (offset - first) / 4};
}

class Walk {
 public:
  Walk(std::span<const sock_filter> program, const std::function<bool(const ProgramPath&)>& visit)
      : program_(program), visit_(visit) {}

  Status run() {
    follow(0, {}, {});
    return error_ ? Status(*error_) : ok();
  }

 private:
  void follow(std::size_t at, ProgramPath path, Loaded loaded) {
    while (!is_done_) {
      if (at >= program_.size()) return stop(at, "lies behind the program's end");
      const sock_filter& step = program_[at];
      switch (step.code) {
        case BPF_LD | BPF_W | BPF_ABS: {
          const std::optional<Loaded> word = loaded_at(step.k);
          if (!word) return stop(at, "loads what is no number, architecture or argument");
          loaded = *word;
          ++at;
          continue;
        }
        case BPF_ALU | BPF_AND | BPF_K:
          loaded.mask &= step.k;
          ++at;
          continue;
        case BPF_JMP | BPF_JA:
          at += std::size_t{step.k} + 1;
          continue;
        case BPF_RET | BPF_K:
          path.action = step.k;
          return finish(path);
        case BPF_JMP | BPF_JEQ | BPF_K:
        case BPF_JMP | BPF_JGE | BPF_K:
        case BPF_JMP | BPF_JGT | BPF_K:
        case BPF_JMP | BPF_JSET | BPF_K:
          return branch(at, path, loaded);
        default:
          return stop(at, fmt::format("has the code {:#x}, which is not understood", step.code));
      }
    }
  }

  void branch(std::size_t at, const ProgramPath& path, const Loaded& loaded) {
    const sock_filter& step = program_[at];
    ProgramPath yes = path;
    ProgramPath no = path;
    bool has_yes = false;
    bool has_no = false;
    if (loaded.what == Loaded::What::argument) {
      const bool is_bits = BPF_OP(step.code) == BPF_JSET;
      if (!is_bits && BPF_OP(step.code) != BPF_JEQ) return stop(at, "orders an argument");
      const WordTest test =
          is_bits ? WordTest{loaded.mask & step.k, 0} : WordTest{loaded.mask, step.k};
      const WordSet& word = path.arguments[loaded.word];
      const std::optional<WordSet> passing = word.passing(test);
      const std::optional<WordSet> failing = word.failing(test);
      ProgramPath& on_pass = is_bits ? no : yes;
      ProgramPath& on_fail = is_bits ? yes : no;
      if (passing) on_pass.arguments[loaded.word] = *passing;
      if (failing) on_fail.arguments[loaded.word] = *failing;
      has_yes = is_bits ? failing.has_value() : passing.has_value();
      has_no = is_bits ? passing.has_value() : failing.has_value();
    } else {
      if (loaded.what == Loaded::What::nothing) return stop(at, "tests what was not loaded");
      if (loaded.mask != UINT32_MAX || BPF_OP(step.code) == BPF_JSET) {
        return stop(at, "tests single bits of a number or an architecture");
      }
      const auto part =
          loaded.what == Loaded::What::number ? &ProgramPath::numbers : &ProgramPath::archs;
      const bool is_greater = BPF_OP(step.code) == BPF_JGT;
      const bool is_never = is_greater && step.k == UINT32_MAX;
      const std::uint32_t first = is_greater && !is_never ? step.k + 1 : step.k;
      const std::uint32_t last = BPF_OP(step.code) == BPF_JEQ ? step.k : UINT32_MAX;
      if (!is_never) yes.*part = (path.*part).within(first, last);
      if (!is_never) no.*part = (path.*part).outside(first, last);
      has_yes = !is_never && !(yes.*part).is_empty();
      has_no = !(no.*part).is_empty();
    }
    if (has_yes) follow(at + 1 + step.jt, std::move(yes), loaded);
    if (has_no) follow(at + 1 + step.jf, std::move(no), loaded);
  }

  void finish(const ProgramPath& path) {
    if (++paths_ > kMaxPaths) {
      is_done_ = true;
      error_ =
          Error{"there are too many ways through the seccomp program", "compile the policy again"};
    } else if (!visit_(path)) {
      is_done_ = true;
    }
  }

  void stop(std::size_t at, const std::string& why) {
    is_done_ = true;
    error_ = Error{fmt::format("instruction {} {}", at, why), "compile the policy again"};
  }

  std::span<const sock_filter> program_;
  const std::function<bool(const ProgramPath&)>& visit_;
  std::size_t paths_ = 0;
  bool is_done_ = false;
  std::optional<Error> error_;
};

}  // namespace

Status for_each_path(std::span<const sock_filter> program,
                     const std::function<bool(const ProgramPath&)>& visit) {
  return Walk(program, visit).run();
}

}  // namespace srt::verify
