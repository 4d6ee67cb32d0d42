#include "compiler/frontend/settings/json_error.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>

#include "runtime/base/utf8.h"

namespace srt::settings {
namespace {

// The longest stretch of a wrong word that a message repeats.
constexpr std::size_t kMaxWord = 24;

// The bytes that a number is made of.
constexpr std::string_view kNumberBytes = "0123456789+-.eE";

bool is_hex_digit(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }

// `\u` and four digits at `at`, as the UTF-16 unit they spell.
std::optional<unsigned> escaped_unit(std::string_view text, std::size_t at) {
  constexpr std::size_t kLength = 6;
  const std::string_view escape = text.substr(std::min(at, text.size()), kLength);
  if (escape.size() < kLength || !escape.starts_with("\\u")) return std::nullopt;
  if (!std::all_of(escape.begin() + 2, escape.end(), is_hex_digit)) return std::nullopt;
  return static_cast<unsigned>(std::stoul(std::string(escape.substr(2)), nullptr, 16));
}

class Explainer {
 public:
  Explainer(const JsonFailure& failure, Diagnostics& diagnostics)
      : failure_(failure),
        text_(failure.text),
        diagnostics_(diagnostics),
        at_(skip_space(text_, failure.end)) {}

  void explain() {
    const std::string_view expected = take_expectation();
    if (takes_string_ && at_ < text_.size() && text_[at_] == '"') return explain_string();
    if (takes_value_ && has_huge_number()) return;
    report_unexpected(expected);
  }

 private:
  // What can stand at the failure; steps over the separator where it is there.
  std::string_view take_expectation() {
    switch (failure_.state) {
      case JsonState::start:
        takes_value_ = takes_string_ = true;
        return "`{`";
      case JsonState::open_object:
        takes_string_ = true;
        return "a key in double quotes or `}`";
      case JsonState::key:
        if (!take(':')) return "`:`";
        takes_value_ = takes_string_ = true;
        return "a value";
      case JsonState::member:
        if (!take(',')) return "`,` or `}`";
        takes_string_ = true;
        return "a key in double quotes";
      case JsonState::open_list:
        takes_value_ = takes_string_ = true;
        return "a value or `]`";
      case JsonState::item:
        if (!take(',')) return "`,` or `]`";
        takes_value_ = takes_string_ = true;
        return "a value";
      case JsonState::done:
        return "the end of the file";
    }
    return {};
  }

  bool take(char separator) {
    if (at_ >= text_.size() || text_[at_] != separator) return false;
    at_ = skip_space(text_, at_ + 1);
    return true;
  }

  Span span(std::size_t begin, std::size_t end) const {
    return {failure_.file, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
  }

  void report_unexpected(std::string_view expected) {
    if (at_ == text_.size()) {
      diagnostics_.report(Diag::json_syntax, span(at_, at_), expected, "the end of the file").help =
          failure_.state == JsonState::start ? "settings are an object, as in `{}`"
                                             : "close what is open: is the file whole?";
      return;
    }
    if (text_.substr(at_).starts_with("/*")) {
      diagnostics_
          .report(Diag::json_syntax, span(at_, at_ + 2), expected, "a comment that does not end")
          .help = "end it with `*/`";
      return;
    }
    const std::size_t end = word_end();
    Diagnostic& diagnostic =
        diagnostics_.report(Diag::json_syntax, span(at_, end), expected, spell(at_, end));
    diagnostic.help = help_for(text_[at_]);
  }

  // What to write where `found` stands.
  std::string_view help_for(char found) const {
    if (found == '\'') return "strings stand in double quotes";
    const bool ends = (failure_.state == JsonState::member && found == '}') ||
                      (failure_.state == JsonState::item && found == ']');
    if (ends && takes_string_) return "leave out the comma behind the last entry";
    if (failure_.state == JsonState::done) return "remove what follows the settings";
    if (failure_.state == JsonState::key && !takes_value_) return "write `:` behind the key";
    if (takes_value_)
      return "text stands in double quotes; other values are numbers, `true`, `false`";
    if (takes_string_) return "keys stand in double quotes";
    return "write a comma between two entries";
  }

  // The end of the word at the failure, or of the one character there.
  std::size_t word_end() const {
    const auto in_word = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.' ||
             c == '+';
    };
    std::size_t end = at_;
    while (end < text_.size() && end - at_ < kMaxWord && in_word(text_[end])) ++end;
    return end == at_ ? at_ + decode_utf8(text_, at_).length : end;
  }

  std::string spell(std::size_t begin, std::size_t end) const {
    const auto first = static_cast<unsigned char>(text_[begin]);
    if (first < 0x20 || first == 0x7F) return fmt::format("byte 0x{:02x}", first);
    return fmt::format("`{}`", text_.substr(begin, end - begin));
  }

  // A number can fail for its size alone.
  bool has_huge_number() {
    const std::size_t end = std::min(text_.find_first_not_of(kNumberBytes, at_), text_.size());
    const std::string number(text_.substr(at_, end - at_));
    if (!std::isinf(std::strtod(number.c_str(), nullptr))) return false;
    diagnostics_.report(Diag::json_number, span(at_, end), number);
    return true;
  }

  void explain_string() {
    for (std::size_t i = at_ + 1; i < text_.size();) {
      const char c = text_[i];
      if (c == '"') break;
      if (c == '\n' || c == '\r')
        return fail_string(at_, i, "does not end on its line",
                           "end it with `\"`; a line end in it is written `\\n`");
      if (static_cast<unsigned char>(c) < 0x20) {
        return fail_string(i, i + 1,
                           fmt::format("holds byte 0x{:02x}", static_cast<unsigned char>(c)),
                           fmt::format("write it as `\\u{:04x}`", static_cast<unsigned char>(c)));
      }
      if (c != '\\') {
        ++i;
        continue;
      }
      const std::size_t length = escape_length(i);
      if (length == 0) return;
      i += length;
    }
    fail_string(at_, text_.size(), "does not end", "end it with `\"`");
  }

  void fail_string(std::size_t begin, std::size_t end, std::string_view why, std::string help) {
    diagnostics_.report(Diag::json_string, span(begin, end), why).help = std::move(help);
  }

  // The length of the escape at `at`, or 0 after it was reported as wrong.
  std::size_t escape_length(std::size_t at) {
    constexpr std::string_view kSimple = "\"\\/bfnrt";
    if (at + 1 < text_.size() && kSimple.find(text_[at + 1]) != std::string_view::npos) return 2;
    const std::optional<unsigned> unit = escaped_unit(text_, at);
    if (!unit) {
      const std::size_t end =
          at + 1 < text_.size() ? at + 1 + decode_utf8(text_, at + 1).length : at + 1;
      Diagnostic& diagnostic = diagnostics_.report(
          Diag::json_string, span(at, end),
          fmt::format("holds `{}`, which is no escape", text_.substr(at, end - at)));
      diagnostic.help = "a backslash itself is written `\\\\`";
      return 0;
    }
    const bool is_high = *unit >= 0xD800 && *unit < 0xDC00;
    const bool is_low = *unit >= 0xDC00 && *unit < 0xE000;
    const std::optional<unsigned> next = escaped_unit(text_, at + 6);
    if (is_high && next && *next >= 0xDC00 && *next < 0xE000) return 12;
    if (!is_high && !is_low) return 6;
    fail_string(at, at + 6, fmt::format("holds `{}`, half a character", text_.substr(at, 6)),
                "write the character itself");
    return 0;
  }

  const JsonFailure& failure_;
  std::string_view text_;
  Diagnostics& diagnostics_;
  std::size_t at_;
  bool takes_value_ = false;
  bool takes_string_ = false;
};

}  // namespace

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    const std::string_view rest = text.substr(at);
    if (std::string_view(" \t\r\n").find(rest[0]) != std::string_view::npos) {
      ++at;
    } else if (rest.starts_with("//")) {
      at = std::min(text.find_first_of("\r\n", at), text.size());
    } else if (rest.starts_with("/*") && text.find("*/", at + 2) != std::string_view::npos) {
      at = text.find("*/", at + 2) + 2;
    } else {
      break;
    }
  }
  return at;
}

void report_json_error(const JsonFailure& failure, Diagnostics& diagnostics) {
  Explainer(failure, diagnostics).explain();
}

}  // namespace srt::settings
