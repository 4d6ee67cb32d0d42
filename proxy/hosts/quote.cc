#include "proxy/hosts/quote.h"

#include <fmt/core.h>

namespace srt::net {

std::string quote(std::string_view text) {
  constexpr size_t kMaxShown = 80;
  std::string quoted = "`";
  for (const char c : text.substr(0, kMaxShown)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f || c == '`') {
      quoted += fmt::format("\\x{:02x}", byte);
    } else {
      quoted += c;
    }
  }
  quoted += text.size() > kMaxShown ? "…`" : "`";
  return quoted;
}

}  // namespace srt::net
