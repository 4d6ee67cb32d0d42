#include "runtime/base/name_pattern.h"

#include <cstddef>
#include <optional>

namespace srt {
namespace {

// One position of a pattern: what it takes and how many bytes spell it.
struct Element {
  enum class Kind { byte, any, run, set } kind;
  std::size_t length;
  char byte = 0;
};

// The end of the class that begins at `at`, behind its `]`; npos when there is none. A `]` first in
// a class stands for itself.
std::size_t end_of_class(std::string_view text, std::size_t at) {
  std::size_t i = at + 1;
  if (i < text.size() && (text[i] == '!' || text[i] == '^')) ++i;
  for (bool first = true; i < text.size(); ++i, first = false) {
    if (text[i] == ']' && !first) return i + 1;
    if (text[i] == '\\') ++i;
  }
  return std::string_view::npos;
}

// Only on what `parse` accepted.
Element element_at(std::string_view text, std::size_t at) {
  switch (text[at]) {
    case '*':
      return {Element::Kind::run, 1};
    case '?':
      return {Element::Kind::any, 1};
    case '[':
      return {Element::Kind::set, end_of_class(text, at) - at};
    case '\\':
      return {Element::Kind::byte, 2, text[at + 1]};
    default:
      return {Element::Kind::byte, 1, text[at]};
  }
}

bool class_holds(std::string_view set, char c) {
  set = set.substr(1, set.size() - 2);
  const bool negated = set[0] == '!' || set[0] == '^';
  if (negated) set.remove_prefix(1);
  const auto take = [&] {
    if (set[0] == '\\') set.remove_prefix(1);
    const auto byte = static_cast<unsigned char>(set[0]);
    set.remove_prefix(1);
    return byte;
  };
  const auto wanted = static_cast<unsigned char>(c);
  bool holds = false;
  while (!set.empty()) {
    const unsigned char first = take();
    unsigned char last = first;
    if (set.size() > 1 && set[0] == '-') {
      set.remove_prefix(1);
      last = take();
    }
    holds = holds || (first <= wanted && wanted <= last);
  }
  return holds != negated;
}

bool takes(const Element& element, std::string_view spelled, char c) {
  switch (element.kind) {
    case Element::Kind::byte:
      return element.byte == c;
    case Element::Kind::set:
      return class_holds(spelled, c);
    case Element::Kind::any:
    case Element::Kind::run:
      break;
  }
  return true;
}

}  // namespace

Result<NamePattern> NamePattern::parse(std::string_view text) {
  if (text.empty()) return Error{"the name is empty", "write `*` for every name"};
  if (text.find('\0') != std::string_view::npos) return Error{"no name holds a NUL byte"};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      if (++i < text.size()) continue;
      return Error{"nothing follows the `\\` at the end", "write `\\\\` for a backslash"};
    }
    if (text[i] == '[') {
      const std::size_t end = end_of_class(text, i);
      if (end == std::string_view::npos) {
        return Error{"a `[` has no `]`", "write `\\[` for a bracket"};
      }
      i = end - 1;
    }
  }
  return NamePattern(std::string(text));
}

bool NamePattern::matches(std::string_view name) const {
  const std::string_view text = text_;
  std::size_t at = 0;
  std::size_t i = 0;
  // Where to go on when what follows the last run does not match: the run takes one byte more.
  std::optional<std::size_t> after_run;
  std::size_t run_end = 0;
  while (i < name.size()) {
    if (at < text.size()) {
      const Element element = element_at(text, at);
      if (element.kind == Element::Kind::run) {
        at += 1;
        after_run = at;
        run_end = i;
        continue;
      }
      if (takes(element, text.substr(at, element.length), name[i])) {
        at += element.length;
        ++i;
        continue;
      }
    }
    if (!after_run) return false;
    at = *after_run;
    i = ++run_end;
  }
  while (at < text.size() && text[at] == '*') ++at;
  return at == text.size();
}

std::vector<NamePattern::Step> NamePattern::steps() const {
  const std::string_view text = text_;
  std::vector<Step> out;
  for (std::size_t at = 0; at < text.size();) {
    const Element element = element_at(text, at);
    Step& step = out.emplace_back(Step{element.kind == Element::Kind::run, {}});
    for (std::size_t byte = 1; byte < step.bytes.size(); ++byte) {
      step.bytes[byte] = takes(element, text.substr(at, element.length), static_cast<char>(byte));
    }
    at += element.length;
  }
  return out;
}

bool NamePattern::is_literal() const {
  for (std::size_t at = 0; at < text_.size();) {
    const Element element = element_at(text_, at);
    if (element.kind != Element::Kind::byte) return false;
    at += element.length;
  }
  return true;
}

std::string NamePattern::literal() const {
  std::string out;
  for (std::size_t at = 0; at < text_.size();) {
    const Element element = element_at(text_, at);
    out += element.byte;
    at += element.length;
  }
  return out;
}

}  // namespace srt
