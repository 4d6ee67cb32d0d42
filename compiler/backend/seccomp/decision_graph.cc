#include "compiler/backend/seccomp/decision_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace srt::seccomp {
namespace {

bool is_64_bit(ArgType type) { return type == ArgType::kUnsignedLong; }

}  // namespace

Result<DecisionGraph::WordClause> DecisionGraph::split_into_words(std::string_view syscall,
                                                                  const Clause& clause,
                                                                  std::span<const ArgType> types) {
  WordClause words{{}, clause.verdict};
  for (const Condition& condition : clause.all_of) {
    const unsigned argument = condition.argument;
    if (argument >= types.size() || types[argument] == ArgType::kPointer) {
      return Error{fmt::format("argument {} of `{}` cannot be judged", argument, syscall),
                   "only numbers whose C type the table of system call types has can be"};
    }
    const std::uint64_t mask =
        is_64_bit(types[argument]) ? condition.mask : condition.mask & 0xffffffff;
    if ((condition.value & ~mask) != 0) {
      return Error{fmt::format("argument {} of `{}` is never {:#x} under the mask {:#x}", argument,
                               syscall, condition.value, mask),
                   "compare with a value within the mask and the argument's C type"};
    }
    const auto add_word = [&](Word word, unsigned shift) {
      const auto word_mask = static_cast<std::uint32_t>(mask >> shift);
      if (word_mask == 0) return;
      words.all_of.push_back(
          {{argument, word, word_mask}, static_cast<std::uint32_t>(condition.value >> shift)});
    };
    add_word(Word::kLow, 0);
    add_word(Word::kHigh, 32);
  }
  return words;
}

Result<Decision> DecisionGraph::add(std::string_view syscall, const Rule& rule,
                                    std::span<const ArgType> types) {
  Clauses clauses;
  for (const Clause& clause : rule.clauses) {
    auto words = split_into_words(syscall, clause, types);
    if (!words) return std::move(words).error();
    clauses.push_back(*std::move(words));
  }
  return decide(clauses, rule.otherwise);
}

Decision DecisionGraph::decide(const Clauses& clauses, Verdict otherwise) {
  if (clauses.empty()) return otherwise;
  if (clauses.front().all_of.empty()) return clauses.front().verdict;

  const Test test = clauses.front().all_of.front();
  Clauses if_equal;
  Clauses if_different;
  for (const WordClause& clause : clauses) {
    const auto& tests = clause.all_of;
    const bool asks_same = std::ranges::find(tests, test) != tests.end();
    if (!asks_same) if_different.push_back(clause);
    const bool contradicts = std::ranges::any_of(tests, [&](const Test& other) {
      return other.subject == test.subject && other.value != test.value;
    });
    if (contradicts) continue;
    WordClause rest = clause;
    std::erase(rest.all_of, test);
    if_equal.push_back(std::move(rest));
  }

  const DecisionNode node{test, decide(if_equal, otherwise), decide(if_different, otherwise)};
  if (node.equal == node.different) return node.equal;
  const auto [position, is_new] = known_nodes_.try_emplace(node, NodeId{nodes_.size()});
  if (is_new) nodes_.push_back(node);
  return position->second;
}

}  // namespace srt::seccomp
