#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

/// What is known of a system call at some point of a seccomp program.
namespace srt::verify {

/// Inclusive ranges of 32-bit numbers, sorted, disjoint.
class NumberSet {
 public:
  using Range = std::pair<std::uint32_t, std::uint32_t>;

  static NumberSet all() { return NumberSet({{0, UINT32_MAX}}); }

  /// Those from `first` to `last`, and the others. Nothing is in a range that ends before it
  /// begins.
  NumberSet within(std::uint32_t first, std::uint32_t last) const;
  NumberSet outside(std::uint32_t first, std::uint32_t last) const;

  bool is_empty() const { return ranges_.empty(); }
  bool contains(std::uint32_t number) const;
  const std::vector<Range>& ranges() const { return ranges_; }

 private:
  explicit NumberSet(std::vector<Range> ranges) : ranges_(std::move(ranges)) {}

  std::vector<Range> ranges_;
};

/// Asks whether `word & mask` is `value`.
struct WordTest {
  std::uint32_t mask;
  std::uint32_t value;
};

/// The 32-bit words that pass some tests and fail others.
class WordSet {
 public:
  /// Those that also pass, or fail, `test`; nothing when there are none. Exact.
  std::optional<WordSet> passing(const WordTest& test) const;
  std::optional<WordSet> failing(const WordTest& test) const;

  /// One of them.
  std::uint32_t example() const;

 private:
  std::uint32_t known_ = 0;  // bits that are the same in all of them
  std::uint32_t bits_ = 0;   // and what these are
  std::vector<WordTest> failed_;
};

/// The low and high words of the six arguments: argument i is in words 2i and 2i + 1.
inline constexpr std::size_t kArgumentWords = 12;
using Arguments = std::array<WordSet, kArgumentWords>;

}  // namespace srt::verify
