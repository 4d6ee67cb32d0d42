#pragma once

#include <bitset>
#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

namespace srt {

/// A pattern over names that have no structure: variables, system calls, services, abstract
/// sockets. `*` stands for any text, `?` for one byte, `[a-z]` for one of, `[!a]` for none of, and
/// `\` takes the next byte as it is.
class NamePattern {
 public:
  /// Reads a pattern. Errors: an empty one, a NUL byte, a class without an end, a `\` at the end.
  static Result<NamePattern> parse(std::string_view text);

  bool matches(std::string_view name) const;

  /// Whether it is a name, and so matches nothing else.
  bool is_literal() const;
  /// The name that a literal pattern matches.
  std::string literal() const;

  /// One position of a pattern: a run of any bytes, or one byte out of some.
  struct Step {
    bool is_run;
    std::bitset<256> bytes;
  };
  /// The pattern position by position, for who looks at the set of names and not at one.
  std::vector<Step> steps() const;

  /// As it was written.
  const std::string& text() const { return text_; }

  friend auto operator<=>(const NamePattern&, const NamePattern&) = default;

 private:
  explicit NamePattern(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

}  // namespace srt
