#include "runtime/base/shell_quoted.h"

#include <array>
#include <cstdio>
#include <string_view>

#include "runtime/base/printable.h"

namespace srt {

// As a shell would read it back, bash where there are control characters.
std::string shell_quoted(const std::string& text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./_-";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
  const std::string shown = printable(text);
  const bool is_shown = shown == text;
  std::string out = is_shown ? "'" : "$'";
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (shown[i] != text[i]) {
      std::array<char, 5> escape;
      std::snprintf(escape.data(), escape.size(), "\\x%02x", static_cast<unsigned char>(text[i]));
      out += escape.data();
    } else if (text[i] == '\'') {
      out += is_shown ? "'\\''" : "\\'";
    } else {
      out += text[i] == '\\' && !is_shown ? "\\\\" : std::string(1, text[i]);
    }
  }
  return out + "'";
}

}  // namespace srt
