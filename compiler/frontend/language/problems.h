#pragma once

#include <antlr4-runtime.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "compiler/diag/diagnostic.h"
#include "compiler/frontend/limits.h"
#include "compiler/source/source.h"
#include "grammar/language/PolicyLexer.h"

namespace srt::language {

inline constexpr std::string_view kCloseQuote = "end it with `\"`";

/// Where ANTLR's tokens stand in a file: a newline stands before the text that ANTLR reads, and a
/// byte order mark is left out of it.
class Offsets {
 public:
  Offsets(FileId file, std::string_view text)
      : file_(file),
        skipped_(text.starts_with("\xEF\xBB\xBF") ? 3 : 0),
        size_(static_cast<std::uint32_t>(text.size())) {}

  std::size_t skipped() const { return skipped_; }

  Span span(const antlr4::Token& first, const antlr4::Token& last) const {
    return {file_, offset(first.getStartIndex()), offset(last.getStopIndex() + 1)};
  }
  Span span(const antlr4::Token& token) const {
    if (token.getType() != grammar::PolicyLexer::NEWLINE) return span(token, token);
    // Without the empty lines and comments that belong to it.
    const std::uint32_t begin = offset(token.getStartIndex());
    return {file_, begin, std::min(begin + 1, size_)};
  }

 private:
  std::uint32_t offset(std::size_t index) const {
    const std::size_t in_text = index == 0 ? 0 : index - 1;
    return std::min(static_cast<std::uint32_t>(in_text) + skipped_, size_);
  }

  FileId file_;
  std::uint32_t skipped_;
  std::uint32_t size_;
};

/// Takes the messages about what cannot be read, as far as they are worth reading.
class Problems {
 public:
  explicit Problems(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  template <typename... Args>
  Diagnostic& report(Diag diag, Span span, const Args&... args) {
    ++count_;
    if (count_ <= kMaxUnreadable) return diagnostics_.report(diag, span, args...);
    if (count_ == kMaxUnreadable + 1) {
      diagnostics_.report(Diag::too_many_errors, span, kMaxUnreadable);
    }
    return ignored_;
  }

 private:
  Diagnostics& diagnostics_;
  std::size_t count_ = 0;
  Diagnostic ignored_ = {};
};

}  // namespace srt::language
