#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace srt {

/// Names a file of a `SourceSet`.
using FileId = std::uint32_t;

/// A half-open range of bytes in one file.
struct Span {
  FileId file = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  friend bool operator==(const Span&, const Span&) = default;
};

/// Where a byte stands, both counted from 1; columns count bytes, as compilers do.
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

/// One input text. `name` is how messages call it: a path as the user gave it, `<stdin>`, or the
/// name of a built-in module.
class SourceFile {
 public:
  SourceFile(std::string name, std::string text, bool is_built_in = false);

  const std::string& name() const { return name_; }
  /// Whether it is part of the compiler: the same every time, and nobody's to rewrite.
  bool is_built_in() const { return is_built_in_; }
  std::string_view text() const { return text_; }

  /// The position of byte `offset`, which may be one past the end.
  Position position(std::uint32_t offset) const;

  /// Line number `line` (from 1) without its line end.
  std::string_view line(std::uint32_t line) const;

 private:
  std::string name_;
  std::string text_;
  bool is_built_in_;
  std::vector<std::uint32_t> line_starts_;
};

/// All texts of one compilation, the source of every span. Files never move.
class SourceSet {
 public:
  FileId add(std::string name, std::string text);
  FileId add_built_in(std::string name, std::string text);
  const SourceFile& file(FileId id) const { return files_[id]; }
  std::size_t size() const { return files_.size(); }
  std::string_view text(Span span) const {
    return file(span.file).text().substr(span.begin, span.end - span.begin);
  }
  /// `FILE:LINE:COL` of where the span begins.
  std::string location(Span span) const;

 private:
  std::deque<SourceFile> files_;
};

}  // namespace srt
