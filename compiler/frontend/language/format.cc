#include "compiler/frontend/language/format.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "compiler/frontend/language/parse.h"

namespace srt::language {
namespace {

using Kind = Token::Kind;

constexpr std::size_t kWidth = 100;
constexpr std::size_t kIndent = 2;

// One token of a statement, and what surrounds it.
struct Part {
  std::string_view text;
  bool is_comma = false;
  bool is_comment = false;        // on a line of its own, within a list
  bool break_before = false;      // the list goes on in a new line
  std::string_view comment = {};  // behind it, at the end of its line
};

// A statement, the first or the last line of a block, or a comment on a line of its own.
struct Line {
  std::vector<Part> parts;
  std::size_t indent = 0;
  bool blank_before = false;
};

// How many characters are seen of UTF-8.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string_view without_space_at_end(std::string_view text) {
  return text.substr(0, text.find_last_not_of(" \t\r\f\v") + 1);
}

// Puts tokens together into lines.
class Lines {
 public:
  explicit Lines(const std::vector<Token>& tokens) : tokens_(tokens) {}

  std::vector<Line> read() {
    for (at_ = 0; at_ < tokens_.size(); ++at_) add(tokens_[at_]);
    end_line();
    return std::move(lines_);
  }

 private:
  void add(const Token& token) {
    switch (token.kind) {
      case Kind::newline:
        return add_newline();
      case Kind::comment:
        return add_comment(without_space_at_end(token.text));
      case Kind::semicolon:
        end_line();
        break;
      case Kind::open:
        if (add_short_block()) break;
        add_part({token.text});
        end_line();
        indent_ = kIndent;
        break;
      case Kind::close:
        end_line();
        indent_ = 0;
        add_part({token.text});
        end_line();
        break;
      case Kind::comma:
        current_.parts.push_back({token.text, true});
        break;
      case Kind::word:
        add_part({token.text});
        break;
    }
    newlines_ = 0;
  }

  bool goes_on() const {
    const auto last = std::find_if(current_.parts.rbegin(), current_.parts.rend(),
                                   [](const Part& part) { return !part.is_comment; });
    return last != current_.parts.rend() && last->is_comma;
  }

  void add_newline() {
    ++newlines_;
    if (goes_on()) {
      break_before_ = true;
    } else {
      end_line();
    }
  }

  void add_comment(std::string_view text) {
    const bool at_start_of_line = newlines_ > 0 || at_ == 0;
    if (!at_start_of_line) {
      Line& line = current_.parts.empty() ? lines_.back() : current_;
      line.parts.back().comment = text;
    } else if (goes_on()) {
      current_.parts.push_back({text, false, true, true});
      break_before_ = true;
    } else {
      add_part({text, false, true});
      end_line();
    }
    newlines_ = 0;
  }

  void add_part(Part part) {
    if (current_.parts.empty()) {
      current_.indent = indent_;
      constexpr std::size_t kBlank = 2;
      current_.blank_before = newlines_ >= kBlank && !lines_.empty();
    }
    part.break_before = std::exchange(break_before_, false);
    current_.parts.push_back(part);
  }

  void end_line() {
    if (!current_.parts.empty()) lines_.push_back(std::move(current_));
    current_ = {};
    break_before_ = false;
  }

  // `on macos { allow mach x }` stays on its line where it is one and holds one statement.
  bool add_short_block() {
    std::size_t end = at_ + 1;
    std::size_t size = 0;
    for (const Part& part : current_.parts) size += width(part.text) + 1;
    for (; end < tokens_.size() && tokens_[end].kind != Kind::close; ++end) {
      if (tokens_[end].kind != Kind::word && tokens_[end].kind != Kind::comma) return false;
      size += width(tokens_[end].text) + 1;
    }
    const bool is_empty = end == at_ + 1;
    if (is_empty || end == tokens_.size() || size + 4 > kWidth) return false;
    for (; at_ <= end; ++at_) {
      if (tokens_[at_].kind == Kind::comma) {
        current_.parts.push_back({tokens_[at_].text, true});
      } else {
        add_part({tokens_[at_].text});
      }
    }
    --at_;
    end_line();
    return true;
  }

  const std::vector<Token>& tokens_;
  std::size_t at_ = 0;
  std::vector<Line> lines_;
  Line current_;
  std::size_t indent_ = 0;
  std::size_t newlines_ = 0;  // since the last thing that is none
  bool break_before_ = false;
};

// Writes lines as text.
class Printer {
 public:
  std::string print(const std::vector<Line>& lines) {
    for (const Line& line : lines) {
      const bool opens = out_.ends_with("{\n");
      const bool closes = line.parts[0].text == "}";
      if (line.blank_before && !opens && !closes) out_ += '\n';
      print(line);
    }
    return std::move(out_);
  }

 private:
  void print(const Line& line) {
    column_ = 0;
    align_ = 0;
    pad(line.indent);
    const std::optional<std::size_t> list = first_of_list(line.parts);
    bool must_break = false;
    for (std::size_t i = 0; i < line.parts.size(); ++i) {
      const Part& part = line.parts[i];
      const bool after_comma =
          i > 0 && (line.parts[i - 1].is_comma || line.parts[i - 1].is_comment);
      if (i == list) align_ = column_ + (i == 0 ? 0 : 1);
      if (i > 0 && (must_break || part.break_before || (after_comma && overflows(line.parts, i)))) {
        out_ += '\n';
        column_ = 0;
        pad(align_);
      } else if (i > 0 && !part.is_comma) {
        append(" ");
      }
      append(part.text);
      if (!part.comment.empty()) append("  " + std::string(part.comment));
      must_break = part.is_comment || !part.comment.empty();
    }
    out_ += '\n';
  }

  // The part that the list of a statement begins with; other lines of it are aligned to it.
  static std::optional<std::size_t> first_of_list(const std::vector<Part>& parts) {
    const auto comma =
        std::find_if(parts.begin(), parts.end(), [](const Part& part) { return part.is_comma; });
    if (comma == parts.end() || comma == parts.begin()) return std::nullopt;
    if (parts[0].text == "limit") return 1;
    return static_cast<std::size_t>(comma - parts.begin()) - 1;
  }

  // Whether the part, and what has to stay on its line, is too long for this one.
  bool overflows(const std::vector<Part>& parts, std::size_t at) const {
    std::size_t size = column_;
    for (std::size_t i = at; i < parts.size(); ++i) {
      size += width(parts[i].text) + (parts[i].is_comma ? 0 : 1);
      if (parts[i].is_comma) break;
    }
    return size > kWidth;
  }

  void pad(std::size_t count) { append(std::string(count, ' ')); }

  void append(std::string_view text) {
    out_ += text;
    column_ += width(text);
  }

  std::string out_;
  std::size_t column_ = 0;
  std::size_t align_ = 0;
};

}  // namespace

std::string format(const SourceSet& sources, FileId file) {
  const std::vector<Token> tokens = tokenize(sources, file);
  return Printer().print(Lines(tokens).read());
}

}  // namespace srt::language
