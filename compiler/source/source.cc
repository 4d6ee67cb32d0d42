#include "compiler/source/source.h"

#include <fmt/format.h>

#include <algorithm>

namespace srt {

SourceFile::SourceFile(std::string name, std::string text, bool is_built_in)
    : name_(std::move(name)), text_(std::move(text)), is_built_in_(is_built_in), line_starts_{0} {
  for (std::uint32_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n') line_starts_.push_back(i + 1);
  }
}

Position SourceFile::position(std::uint32_t offset) const {
  const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  const auto line = static_cast<std::uint32_t>(after - line_starts_.begin());
  return {line, offset - line_starts_[line - 1] + 1};
}

std::string_view SourceFile::line(std::uint32_t line) const {
  const std::uint32_t begin = line_starts_[line - 1];
  std::string_view rest = std::string_view(text_).substr(begin);
  rest = rest.substr(0, rest.find('\n'));
  if (!rest.empty() && rest.back() == '\r') rest.remove_suffix(1);
  return rest;
}

FileId SourceSet::add(std::string name, std::string text) {
  files_.emplace_back(std::move(name), std::move(text), false);
  return static_cast<FileId>(files_.size() - 1);
}

FileId SourceSet::add_built_in(std::string name, std::string text) {
  files_.emplace_back(std::move(name), std::move(text), true);
  return static_cast<FileId>(files_.size() - 1);
}

std::string SourceSet::location(Span span) const {
  const SourceFile& source = file(span.file);
  const Position at = source.position(span.begin);
  return fmt::format("{}:{}:{}", source.name(), at.line, at.column);
}

}  // namespace srt
