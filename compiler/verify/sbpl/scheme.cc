#include "compiler/verify/sbpl/scheme.h"

#include <fmt/format.h>

#include <optional>

namespace srt::verify::sbpl {
namespace {

// Seatbelt refuses a profile with a longer string literal.
constexpr std::size_t kMaxLiteral = 1025;
// Far more than definitions and filters nest.
constexpr std::size_t kMaxDepth = 64;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<std::vector<Expression>> run() {
    std::vector<Expression> out;
    for (skip(); !failure_ && at_ < text_.size(); skip()) out.push_back(expression(0));
    if (failure_) return *failure_;
    return out;
  }

 private:
  Expression start(Expression::Kind kind) const { return {kind, {}, {}, line_, column_}; }

  void fail(const Expression& where, const std::string& what) {
    if (!failure_) failure_ = error_at(where, what);
    at_ = text_.size();
  }

  void advance() {
    column_ = text_[at_] == '\n' ? 1 : column_ + 1;
    line_ += text_[at_] == '\n' ? 1 : 0;
    ++at_;
  }

  void skip() {
    while (at_ < text_.size()) {
      if (text_[at_] == ';') {
        while (at_ < text_.size() && text_[at_] != '\n') advance();
      } else if (std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
        advance();
      } else {
        return;
      }
    }
  }

  Expression expression(std::size_t depth) {
    const char c = text_[at_];
    if (c == '(') return list(depth);
    if (c == '"') return string();
    if (c == '#' && text_.substr(at_ + 1).starts_with('"')) return raw_string();
    return word();
  }

  Expression list(std::size_t depth) {
    Expression out = start(Expression::Kind::list);
    if (depth == kMaxDepth) fail(out, "expressions nest too deep");
    if (at_ < text_.size()) advance();
    for (skip(); at_ < text_.size() && text_[at_] != ')'; skip()) {
      out.items.push_back(expression(depth + 1));
    }
    if (at_ == text_.size()) {
      fail(out, "a `(` that nothing closes");
    } else {
      advance();
    }
    return out;
  }

  Expression string() {
    Expression out = start(Expression::Kind::string);
    advance();
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] != '\\') {
        out.text += text_[at_];
        advance();
        continue;
      }
      escape(out);
    }
    close(out, begin);
    return out;
  }

  void escape(Expression& out) {
    const std::string_view rest = text_.substr(at_ + 1);
    const bool is_plain = rest.starts_with('\\') || rest.starts_with('"');
    const bool is_byte =
        rest.size() > 2 && rest[0] == 'x' && hex_value(rest[1]) >= 0 && hex_value(rest[2]) >= 0;
    if (!is_plain && !is_byte) return fail(out, "an escape that is not `\\\\`, `\\\"` or `\\xHH`");
    out.text +=
        is_plain ? rest[0] : static_cast<char>(hex_value(rest[1]) * 16 + hex_value(rest[2]));
    for (int i = is_plain ? 2 : 4; i > 0; --i) advance();
  }

  Expression raw_string() {
    Expression out = start(Expression::Kind::string);
    advance();
    advance();
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != '"') {
      out.text += text_[at_];
      advance();
    }
    close(out, begin);
    return out;
  }

  void close(const Expression& literal, std::size_t begin) {
    if (failure_) return;
    if (at_ == text_.size()) return fail(literal, "a string that nothing closes");
    if (at_ - begin > kMaxLiteral) return fail(literal, "a string that is longer than 1025 bytes");
    if (literal.text.find('\0') != std::string::npos) return fail(literal, "a NUL in a string");
    advance();
  }

  Expression word() {
    Expression out = start(Expression::Kind::symbol);
    while (at_ < text_.size() &&
           std::string_view(" \t\r\n();\"").find(text_[at_]) == std::string_view::npos) {
      out.text += text_[at_];
      advance();
    }
    bool is_number = !out.text.empty();
    for (const char c : out.text) {
      const bool is_digit = c >= '0' && c <= '9';
      const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!is_digit && !is_letter &&
          std::string_view("-*?=<>+_.!").find(c) == std::string_view::npos) {
        out.text.clear();
      }
      is_number = is_number && is_digit;
    }
    if (out.text.empty()) fail(out, "what is no part of a profile");
    if (is_number) out.kind = Expression::Kind::number;
    return out;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t column_ = 1;
  std::optional<Error> failure_;
};

}  // namespace

Error error_at(const Expression& where, const std::string& what) {
  return {fmt::format("{}:{}: {}", where.line, where.column, what)};
}

Result<std::vector<Expression>> read_scheme(std::string_view text) { return Reader(text).run(); }

}  // namespace srt::verify::sbpl
