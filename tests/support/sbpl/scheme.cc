#include "tests/support/sbpl/scheme.h"

#include <algorithm>
#include <cctype>
#include <optional>

namespace srt::test::sbpl {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<std::vector<Expression>> run() {
    std::vector<Expression> out;
    while (skip_blank()) {
      out.push_back(expression());
      if (error_) return *error_;
    }
    return out;
  }

 private:
  // Whether something follows.
  bool skip_blank() {
    while (at_ < text_.size()) {
      if (text_[at_] == ';') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (std::isspace(static_cast<unsigned char>(text_[at_]))) {
        ++at_;
      } else {
        return true;
      }
    }
    return false;
  }

  Expression fail(const std::string& message) {
    if (!error_) error_ = Error{message + " at byte " + std::to_string(at_)};
    return {Expression::Kind::list};
  }

  Expression expression() {
    const char c = text_[at_];
    if (c == '(') return list();
    if (c == ')') return fail("a `)` without its `(`");
    if (c == '"') return string(false);
    if (text_.substr(at_).starts_with("#\"")) {
      ++at_;
      return string(true);
    }
    return word();
  }

  Expression list() {
    ++at_;
    Expression out{Expression::Kind::list};
    while (skip_blank() && text_[at_] != ')' && !error_) out.items.push_back(expression());
    if (at_ == text_.size()) return fail("a list without its `)`");
    ++at_;
    return out;
  }

  Expression word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() &&
           std::string_view("()\"; \t\r\n").find(text_[at_]) == std::string_view::npos) {
      ++at_;
    }
    std::string word(text_.substr(begin, at_ - begin));
    const bool number =
        std::all_of(word.begin(), word.end(), [](unsigned char d) { return std::isdigit(d) != 0; });
    return {number ? Expression::Kind::number : Expression::Kind::symbol, {}, std::move(word)};
  }

  Expression string(bool raw) {
    const std::size_t begin = ++at_;
    std::string value;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (!raw && text_[at_] == '\\') {
        if (!escape(value)) return fail("an unknown escape");
      } else {
        value += text_[at_++];
      }
    }
    if (at_ >= text_.size()) return fail("a string without its end");
    if (at_ - begin > 1025) return fail("a string of more than 1025 bytes");
    ++at_;
    return {Expression::Kind::string, {}, std::move(value)};
  }

  bool escape(std::string& value) {
    if (at_ + 1 >= text_.size()) return false;
    const char c = text_[at_ + 1];
    if (c == 'x') {
      const std::string digits(text_.substr(at_ + 2, 2));
      if (digits.size() != 2 || !std::isxdigit(static_cast<unsigned char>(digits[0])) ||
          !std::isxdigit(static_cast<unsigned char>(digits[1]))) {
        return false;
      }
      value += static_cast<char>(std::stoi(digits, nullptr, 16));
      at_ += 4;
      return true;
    }
    if (c != '"' && c != '\\') return false;
    value += c;
    at_ += 2;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::optional<Error> error_;
};

}  // namespace

Result<std::vector<Expression>> read(std::string_view text) { return Reader(text).run(); }

}  // namespace srt::test::sbpl
