#include "compiler/backend/seccomp/generator.h"

#include <fmt/format.h>
#include <linux/seccomp.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>

#include "compiler/backend/seccomp/alphabetic_tree.h"
#include "compiler/backend/seccomp/assembler.h"
#include "compiler/backend/seccomp/const_allow.h"
#include "compiler/backend/seccomp/decision_graph.h"
#include "compiler/backend/seccomp/ranges.h"
#include "compiler/backend/seccomp/syscall_numbers.h"
#include "compiler/backend/seccomp/syscall_types.h"

namespace srt::seccomp {
namespace {

using Label = Assembler::Label;

/// The verdict on numbers that no kernel had when the rules were written. x32 calls (bit 30 set on
/// x86_64) are such numbers: kernels without x32, nearly all, answer ENOSYS themselves, so programs
/// that ask for it go on, and it costs no instruction.
const Verdict kUnknown = fail_with(ENOSYS);

/// How much more often a call whose arguments are judged runs the program than another: allowed
/// calls are cached by the kernel (5.11 and later), refused ones are rare.
constexpr std::uint64_t kJudgedWeight = 64;

Result<std::vector<Decision>> decide_numbers(Arch arch, std::span<const Rule> rules,
                                             DecisionGraph& graph) {
  std::vector<Decision> by_number;
  for (std::uint32_t number = 0; number <= kLastReviewedNumber; ++number) {
    by_number.emplace_back(known_syscall(arch, number) ? kAllow : kUnknown);
  }
  std::set<std::string_view> seen;
  for (const Rule& rule : rules) {
    for (const std::string_view syscall : rule.syscalls) {
      if (!seen.insert(syscall).second) {
        return Error{fmt::format("two rules name the system call `{}`", syscall),
                     "leave one of them out"};
      }
      const auto number = syscall_number(arch, syscall);
      if (!number) return number.error();
      if (!*number || **number > kLastReviewedNumber) continue;
      auto decision = graph.add(syscall, rule, argument_types(syscall));
      if (!decision) return std::move(decision).error();
      by_number[**number] = *decision;
    }
  }
  return by_number;
}

std::uint32_t offset_of(const MaskedWord& subject) {
  // Little-endian: the low word comes first.
  return static_cast<std::uint32_t>(offsetof(seccomp_data, args) +
                                    std::size_t{8} * subject.argument +
                                    (subject.word == Word::kHigh ? 4 : 0));
}

/// What is in the accumulator while a test runs. A test for no bits of a mask is one BPF_JSET and
/// leaves the word as it was loaded.
MaskedWord accumulator(const Test& test) {
  MaskedWord subject = test.subject;
  if (test.value == 0) subject.mask = ~0U;
  return subject;
}

/// Writes argument checks; a node that is reached with its word already loaded is entered behind
/// the load.
class CheckWriter {
 public:
  CheckWriter(const DecisionGraph& graph, std::span<const Range> ranges, Assembler& assembler)
      : nodes_(graph.nodes()), needs_load_(nodes_.size()), assembler_(assembler) {
    for (const Range& range : ranges) mark_load(range.decision, nullptr);
    for (const DecisionNode& node : nodes_) {
      mark_load(node.equal, &node);
      mark_load(node.different, &node);
    }
    for (std::size_t i = 0; i < nodes_.size(); ++i) write(i);
  }

  /// Where a call decided by `decision` goes on, after the test of `from` if there is one.
  Label entry(const Decision& decision, const DecisionNode* from) {
    if (const auto* verdict = std::get_if<Verdict>(&decision)) return assembler_.ret(*verdict);
    const auto id = static_cast<std::size_t>(std::get<NodeId>(decision));
    return is_loaded(nodes_[id], from) ? entries_[id].loaded : entries_[id].start;
  }

 private:
  struct Entries {
    Label start;
    Label loaded;
  };

  static bool is_loaded(const DecisionNode& node, const DecisionNode* from) {
    return from != nullptr && accumulator(node.test) == accumulator(from->test);
  }

  void mark_load(const Decision& decision, const DecisionNode* from) {
    const auto* id = std::get_if<NodeId>(&decision);
    if (id == nullptr) return;
    const auto index = static_cast<std::size_t>(*id);
    if (!is_loaded(nodes_[index], from)) needs_load_[index] = true;
  }

  void write(std::size_t index) {
    const DecisionNode& node = nodes_[index];
    const Test& test = node.test;
    const Label equal = entry(node.equal, &node);
    const Label different = entry(node.different, &node);
    const Label label = test.value == 0
                            ? assembler_.branch(BPF_JSET, test.subject.mask, different, equal)
                            : assembler_.branch(BPF_JEQ, test.value, equal, different);
    Entries entries{label, label};
    if (needs_load_[index]) {
      const MaskedWord word = accumulator(test);
      if (word.mask != ~0U) assembler_.keep_bits(word.mask);
      entries.start = assembler_.load(offset_of(word));
    }
    entries_.push_back(entries);
  }

  std::span<const DecisionNode> nodes_;
  std::vector<bool> needs_load_;
  std::vector<Entries> entries_;
  Assembler& assembler_;
};

std::vector<std::uint64_t> weights_of(std::span<const Range> ranges) {
  std::vector<std::uint64_t> weights;
  for (const Range& range : ranges) {
    weights.push_back(std::holds_alternative<NodeId>(range.decision) ? kJudgedWeight : 1);
  }
  return weights;
}

Label write_tree(std::span<const Range> ranges, const AlphabeticTree& tree, std::size_t first,
                 std::size_t last, CheckWriter& checks, Assembler& assembler) {
  if (first == last) return checks.entry(ranges[first].decision, nullptr);
  const std::size_t middle = tree.split(first, last);
  const Label right = write_tree(ranges, tree, middle + 1, last, checks, assembler);
  const Label left = write_tree(ranges, tree, first, middle, checks, assembler);
  return assembler.branch(BPF_JGE, ranges[middle + 1].first, right, left);
}

Result<std::vector<sock_filter>> assemble(Arch arch, const DecisionGraph& graph,
                                          std::span<const Range> ranges) {
  Assembler assembler;
  const Label foreign = assembler.ret(kKillProcess);
  CheckWriter checks(graph, ranges, assembler);
  const AlphabeticTree tree(weights_of(ranges));
  assembler.go_to(write_tree(ranges, tree, 0, ranges.size() - 1, checks, assembler));
  const Label own = assembler.load(offsetof(seccomp_data, nr));
  assembler.branch(BPF_JEQ, audit_arch(arch), own, foreign);
  assembler.load(offsetof(seccomp_data, arch));
  return assembler.finish();
}

Status check_allows_are_cached(std::span<const sock_filter> program, Arch arch,
                               const std::vector<Decision>& by_number) {
  for (std::uint32_t number = 0; number < by_number.size(); ++number) {
    if (by_number[number] == Decision(kAllow) && !is_const_allow(program, arch, number)) {
      return Error{fmt::format("system call {} of {} is allowed but would run the filter each time",
                               number, arch_name(arch)),
                   "report this as a defect of the compiler"};
    }
  }
  return ok();
}

}  // namespace

Result<std::vector<sock_filter>> generate(Arch arch, std::span<const Rule> rules) {
  DecisionGraph graph;
  auto by_number = decide_numbers(arch, rules, graph);
  if (!by_number) return std::move(by_number).error();
  const std::vector<Range> ranges = merge_ranges(*by_number, kUnknown);
  auto program = assemble(arch, graph, ranges);
  if (!program) return program;
  if (auto cached = check_allows_are_cached(*program, arch, *by_number); !cached) {
    return std::move(cached).error();
  }
  return program;
}

}  // namespace srt::seccomp
