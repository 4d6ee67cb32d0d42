#include "compiler/backend/seatbelt/scheme.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/utf8.h"

namespace srt::seatbelt {
namespace {

bool is_control(unsigned char byte) { return byte < 0x20 || byte == 0x7F; }

}  // namespace

std::string quote(std::string_view text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Unit unit = decode_utf8(text, i);
    if (!unit.valid || (unit.length == 1 && is_control(static_cast<unsigned char>(text[i])))) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i]));
    } else {
      if (text[i] == '"' || text[i] == '\\') out += '\\';
      out += text.substr(i, unit.length);
    }
    i += unit.length;
  }
  return out + '"';
}

std::string quote_regex(std::string_view text) {
  const bool raw = !find_invalid_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
    return c == '"' || is_control(static_cast<unsigned char>(c));
  });
  return raw ? "#\"" + std::string(text) + '"' : quote(text);
}

std::string indented(std::string_view expression) {
  std::string out;
  for (const char c : expression) {
    out += c;
    if (c == '\n') out += "  ";
  }
  return out;
}

std::string comment_text(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return text;
}

LiteralSizes measure_literals(std::string_view expression) {
  LiteralSizes sizes;
  for (std::size_t i = 0; i < expression.size(); ++i) {
    if (expression[i] != '"') continue;
    const bool raw = i > 0 && expression[i - 1] == '#';
    const std::size_t begin = ++i;
    while (expression[i] != '"') i += !raw && expression[i] == '\\' ? 2 : 1;
    sizes.longest = std::max(sizes.longest, i - begin);
    sizes.total += i - begin;
  }
  return sizes;
}

}  // namespace srt::seatbelt
