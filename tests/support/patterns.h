#pragma once

#include <cstddef>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "compiler/glob/pattern.h"
#include "compiler/ir/policy.h"

/// Patterns, paths and policies by hand and at random, over alphabets small enough to try all.
namespace srt::test {

inline glob::Atom literal(std::string bytes) {
  return {glob::Atom::Kind::literal, std::move(bytes), {}};
}
inline glob::Atom one() { return {glob::Atom::Kind::character, {}, {}}; }
inline glob::Atom run() { return {glob::Atom::Kind::run, {}, {}}; }
inline glob::Atom segments() { return {glob::Atom::Kind::segments, {}, {}}; }
inline glob::Atom text() { return {glob::Atom::Kind::text, {}, {}}; }
inline glob::Atom set(std::vector<std::pair<glob::CodePoint, glob::CodePoint>> ranges) {
  return {glob::Atom::Kind::set, {}, {std::move(ranges)}};
}

/// A policy without rules whose anchors are the first `anchors` of `${cwd}` and `${home}`.
ir::Policy policy_with_anchors(std::size_t anchors);

/// The root directory and every path of at most `depth` components, each one of `names`.
std::vector<std::string> paths_over(const std::vector<std::string>& names, std::size_t depth);

/// Every canonical path of at most `size` bytes, all of them out of `bytes` and `/`.
std::vector<std::string> paths_of_size(const std::string& bytes, std::size_t size);

/// Random patterns and rules over the names `a` and `b`; equal seeds give equal ones.
class PolicyGenerator {
 public:
  PolicyGenerator(std::uint32_t seed, std::size_t anchors) : random_(seed), anchors_(anchors) {}

  std::size_t below(std::size_t limit) { return random_() % limit; }
  bool one_in(std::size_t count) { return below(count) == 0; }

  /// At most `components` components.
  glob::PathPattern pattern(std::size_t components);
  /// A pattern, at times with `except` and `within`.
  glob::PathSet set(std::size_t components);
  /// A policy of `rules` rules about reads and writes, with what its write grants imply.
  ir::Policy policy(std::size_t rules);

 private:
  glob::Atom component_end();

  std::mt19937 random_;
  std::size_t anchors_;
};

}  // namespace srt::test
