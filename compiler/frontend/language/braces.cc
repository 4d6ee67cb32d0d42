#include "compiler/frontend/language/braces.h"

#include <utility>

#include "compiler/frontend/limits.h"

namespace srt::language {
namespace {

// A recursive reader; `failed_` is set with the first report, and then everything returns.
class Expander {
 public:
  Expander(std::string_view pattern, Span span, Diagnostics& diagnostics)
      : pattern_(pattern), span_(span), diagnostics_(diagnostics) {}

  std::vector<Alternative> expand() {
    std::vector<Alternative> all = read_sequence(0);
    if (failed_) return {};
    for (Alternative& alternative : all) alternative.end = span_.end;
    return all;
  }

 private:
  bool at_end() const { return next_ == pattern_.size(); }

  // Up to the end or, inside braces, to the `,` or `}` that ends an alternative.
  std::vector<Alternative> read_sequence(std::uint32_t depth) {
    std::vector<Alternative> all(1);
    while (!at_end() && !failed_) {
      const char c = pattern_[next_];
      if (c == '\\' && next_ + 1 < pattern_.size()) {
        append(all, 2);
      } else if (c == '$' && pattern_.substr(next_, 2) == "${") {
        const std::size_t close = pattern_.find('}', next_);
        if (close == std::string_view::npos) {
          fail(Diag::unclosed_brace, next_ + 1).help = "close it with `}`";
        } else {
          append(all, close + 1 - next_);
        }
      } else if (c == '{') {
        all = product(all, read_group(depth + 1));
      } else if (c == '}' && depth == 0) {
        fail(Diag::unopened_brace, next_).help = "write `\\}` for the character";
      } else if (depth > 0 && (c == ',' || c == '}')) {
        break;
      } else {
        append(all, 1);
      }
    }
    return all;
  }

  // From a `{` to behind its `}`.
  std::vector<Alternative> read_group(std::uint32_t depth) {
    const std::size_t open = next_++;
    std::vector<Alternative> all;
    if (depth > kMaxBraceDepth) {
      fail(Diag::nested_too_deep, open, kMaxBraceDepth);
      return all;
    }
    if (!at_end() && pattern_[next_] == '}') {
      fail(Diag::empty_braces, open).help = "write `\\{\\}` for the characters";
      return all;
    }
    for (bool more = true; more && !failed_;) {
      std::vector<Alternative> some = read_sequence(depth);
      if (failed_) break;
      if (at_end()) {
        fail(Diag::unclosed_brace, open).help =
            "close it with `}`, or write `\\{` for the character";
        break;
      }
      more = pattern_[next_++] == ',';
      all.insert(all.end(), std::make_move_iterator(some.begin()),
                 std::make_move_iterator(some.end()));
      check_count(all.size());
    }
    return all;
  }

  void append(std::vector<Alternative>& all, std::size_t length) {
    for (Alternative& alternative : all) {
      for (std::size_t i = 0; i < length; ++i) {
        alternative.text += pattern_[next_ + i];
        alternative.at.push_back(offset(next_ + i));
      }
    }
    next_ += length;
  }

  std::vector<Alternative> product(const std::vector<Alternative>& heads,
                                   const std::vector<Alternative>& tails) {
    std::vector<Alternative> all;
    if (failed_ || !check_count(heads.size() * tails.size())) return all;
    for (const Alternative& head : heads) {
      for (const Alternative& tail : tails) {
        all.push_back(head);
        all.back().text += tail.text;
        all.back().at.insert(all.back().at.end(), tail.at.begin(), tail.at.end());
      }
    }
    return all;
  }

  bool check_count(std::size_t count) {
    if (count > kMaxAlternatives && !failed_) {
      failed_ = true;
      diagnostics_.report(Diag::too_many_alternatives, span_, kMaxAlternatives).help =
          "split it into several patterns, or use a wildcard";
    }
    return !failed_;
  }

  template <typename... Args>
  Diagnostic& fail(Diag diag, std::size_t at, const Args&... args) {
    failed_ = true;
    return diagnostics_.report(diag, {span_.file, offset(at), offset(at) + 1}, args...);
  }

  std::uint32_t offset(std::size_t i) const { return span_.begin + static_cast<std::uint32_t>(i); }

  std::string_view pattern_;
  Span span_;
  Diagnostics& diagnostics_;
  std::size_t next_ = 0;
  bool failed_ = false;
};

}  // namespace

Span Alternative::span(FileId file, std::size_t first, std::size_t last) const {
  const std::uint32_t begin = first < at.size() ? at[first] : end;
  return {file, begin, last > first ? at[last - 1] + 1 : begin};
}

std::vector<Alternative> expand_braces(std::string_view pattern, Span span,
                                       Diagnostics& diagnostics) {
  return Expander(pattern, span, diagnostics).expand();
}

}  // namespace srt::language
