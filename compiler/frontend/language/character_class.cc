#include "compiler/frontend/language/character_class.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "runtime/base/utf8.h"

namespace srt::language {
namespace {

using glob::CharacterSet;
using glob::CodePoint;
using Range = std::pair<CodePoint, CodePoint>;

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

// Sorted and disjoint, touching ranges joined.
std::vector<Range> normalized(std::vector<Range> ranges) {
  std::sort(ranges.begin(), ranges.end());
  std::vector<Range> out;
  for (const Range& range : ranges) {
    if (!out.empty() && range.first <= out.back().second + 1) {
      out.back().second = std::max(out.back().second, range.second);
    } else {
      out.push_back(range);
    }
  }
  return out;
}

// Everything that a path can hold but what `ranges` has; they are normalized.
std::vector<Range> complement(const std::vector<Range>& ranges) {
  std::vector<Range> out;
  CodePoint next = 1;
  for (const Range& range : ranges) {
    if (range.first > next) out.emplace_back(next, range.first - 1);
    next = range.second + 1;
  }
  if (next <= glob::kMaxCodePoint) out.emplace_back(next, glob::kMaxCodePoint);
  return out;
}

// The same set, its ranges ending at characters. A set that reaches to the last byte is left as the
// complement that it is spelled as.
std::vector<Range> characters_of(std::vector<Range> ranges) {
  constexpr CodePoint kFirstSurrogate = 0xD800, kLastSurrogate = 0xDFFF;
  constexpr CodePoint kFirstInvalid = glob::kInvalidByte + 0x80;  // lower bytes are characters
  if (ranges.empty() || ranges.back().second == glob::kMaxCodePoint) return ranges;
  for (auto& [from, to] : ranges) {
    if (from >= kFirstSurrogate && from <= kLastSurrogate) from = kLastSurrogate + 1;
    if (to >= kFirstSurrogate && to <= kLastSurrogate) to = kFirstSurrogate - 1;
    if (to >= glob::kInvalidByte && to < kFirstInvalid) to = glob::kInvalidByte - 1;
  }
  return ranges;
}

std::vector<Range> without_slash(const std::vector<Range>& ranges) {
  std::vector<Range> out;
  for (const auto& [from, to] : ranges) {
    if (to < '/' || from > '/') {
      out.emplace_back(from, to);
      continue;
    }
    if (from < '/') out.emplace_back(from, '/' - 1);
    if (to > '/') out.emplace_back('/' + 1, to);
  }
  return out;
}

class ClassReader {
 public:
  ClassReader(const Alternative& pattern, FileId file, std::size_t open, Diagnostics& diagnostics)
      : pattern_(pattern), file_(file), open_(open), next_(open + 1), diagnostics_(diagnostics) {}

  std::size_t next() const { return next_; }

  bool read(CharacterSet& out) {
    const bool negated = !at_end() && (here() == '!' || here() == '^');
    if (negated) ++next_;
    std::vector<Range> ranges;
    for (bool first = true; at_end() || here() != ']' || first; first = false) {
      const std::size_t begin = next_;
      const std::optional<CodePoint> from = read_character();
      if (!from) return false;
      CodePoint to = *from;
      if (pattern_.text.substr(next_, 1) == "-" && pattern_.text.substr(next_ + 1, 1) != "]") {
        ++next_;
        const std::optional<CodePoint> last = read_character();
        if (!last) return false;
        to = *last;
      }
      if (*from > to) {
        diagnostics_
            .report(Diag::reversed_range, pattern_.span(file_, begin, next_),
                    pattern_.text.substr(begin, next_ - begin))
            .help = "write the smaller character first";
        return false;
      }
      ranges.emplace_back(*from, to);
    }
    ++next_;
    ranges = normalized(std::move(ranges));
    if (negated) ranges = complement(ranges);
    out.ranges = without_slash(characters_of(std::move(ranges)));
    if (!out.ranges.empty()) return true;
    diagnostics_.report(Diag::slash_in_class, pattern_.span(file_, open_, next_));
    return false;
  }

 private:
  bool at_end() const { return next_ >= pattern_.text.size(); }
  char here() const { return pattern_.text[next_]; }

  std::optional<CodePoint> read_character() {
    if (at_end()) {
      diagnostics_.report(Diag::unclosed_class, pattern_.span(file_, open_, open_ + 1)).help =
          "close it with `]`, or write `\\[` for the character";
      return std::nullopt;
    }
    if (here() == '/') {
      diagnostics_.report(Diag::slash_in_class, pattern_.span(file_, next_, next_ + 1)).help =
          "close the class with `]` before it, or write `\\[` for the character";
      return std::nullopt;
    }
    if (here() == '\\') {
      const std::optional<Escape> escape = parse_escape(pattern_, file_, next_, diagnostics_);
      if (!escape) return std::nullopt;
      if (escape->is_byte) {
        next_ += escape->length;
        return escape->byte < 0x80 ? escape->byte : glob::kInvalidByte + escape->byte;
      }
      ++next_;
    }
    const Utf8Unit unit = decode_utf8(pattern_.text, next_);
    next_ += unit.length;
    return unit.code_point;
  }

  const Alternative& pattern_;
  FileId file_;
  std::size_t open_;
  std::size_t next_;
  Diagnostics& diagnostics_;
};

}  // namespace

bool parse_character_class(const Alternative& pattern, FileId file, std::size_t* next,
                           CharacterSet& out, Diagnostics& diagnostics) {
  ClassReader reader(pattern, file, *next, diagnostics);
  if (!reader.read(out)) return false;
  *next = reader.next();
  return true;
}

std::optional<Escape> parse_escape(const Alternative& pattern, FileId file, std::size_t at,
                                   Diagnostics& diagnostics) {
  const std::string_view rest = std::string_view(pattern.text).substr(at);
  const auto fail = [&](std::size_t length, std::string_view help) -> std::optional<Escape> {
    diagnostics
        .report(Diag::unfinished_escape, pattern.span(file, at, at + length),
                rest.substr(0, length))
        .help = help;
    return std::nullopt;
  };
  if (rest.size() < 2) return fail(1, "write `\\\\` for the character");
  if (rest[1] != 'x') return Escape{2, false, static_cast<unsigned char>(rest[1])};
  const std::optional<unsigned> high = rest.size() > 2 ? hex_digit(rest[2]) : std::nullopt;
  const std::optional<unsigned> low = rest.size() > 3 ? hex_digit(rest[3]) : std::nullopt;
  if (!high || !low) return fail(2, "write a byte as `\\x` and two hexadecimal digits");
  const auto byte = static_cast<unsigned char>(*high * 16 + *low);
  if (byte == 0) {
    diagnostics.report(Diag::nul_in_pattern, pattern.span(file, at, at + 4));
    return std::nullopt;
  }
  return Escape{4, true, byte};
}

}  // namespace srt::language
