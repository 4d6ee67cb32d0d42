#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "compiler/backend/seccomp/rules.h"
#include "compiler/backend/seccomp/syscall_types.h"
#include "compiler/backend/seccomp/verdict.h"
#include "runtime/base/result.h"

namespace srt::seccomp {

enum class Word { kLow, kHigh };

/// The half of an argument that BPF can load at once, and the bits of it that count.
struct MaskedWord {
  unsigned argument;
  Word word;
  std::uint32_t mask;

  friend auto operator<=>(const MaskedWord&, const MaskedWord&) = default;
};

/// Asks whether `subject` is `value`.
struct Test {
  MaskedWord subject;
  std::uint32_t value;

  friend auto operator<=>(const Test&, const Test&) = default;
};

/// An index into `DecisionGraph::nodes()`.
enum class NodeId : std::size_t {};

/// What is decided about a system call: the same for all its arguments, or by the test at a node.
using Decision = std::variant<Verdict, NodeId>;

struct DecisionNode {
  Test test;
  Decision equal;
  Decision different;

  friend auto operator<=>(const DecisionNode&, const DecisionNode&) = default;
};

/// The argument checks of a program, as an acyclic graph of tests on 32-bit words. Equal parts, of
/// different system calls too, are one node; no node has equal branches or asks what is known.
class DecisionGraph {
 public:
  /// Adds the clauses of `rule` with arguments of `types`. An error, naming `syscall`, when a
  /// clause judges an argument that has no type or is a pointer, or a value that can never occur.
  Result<Decision> add(std::string_view syscall, const Rule& rule, std::span<const ArgType> types);

  /// In an order in which a node comes after those that its branches lead to.
  std::span<const DecisionNode> nodes() const { return nodes_; }

 private:
  struct WordClause {
    std::vector<Test> all_of;
    Verdict verdict;

    friend auto operator<=>(const WordClause&, const WordClause&) = default;
  };
  using Clauses = std::vector<WordClause>;

  static Result<WordClause> split_into_words(std::string_view syscall, const Clause& clause,
                                             std::span<const ArgType> types);
  Decision decide(const Clauses& clauses, Verdict otherwise);

  std::vector<DecisionNode> nodes_;
  std::map<DecisionNode, NodeId> known_nodes_;
};

}  // namespace srt::seccomp
