#include "compiler/frontend/language/readable.h"

#include <fmt/format.h>

#include <cstddef>

#include "compiler/frontend/limits.h"
#include "runtime/base/utf8.h"

namespace srt::language {

bool is_readable(std::string_view text, FileId file, Diagnostics& diagnostics) {
  const auto byte_at = [&](std::size_t at) {
    const auto begin = static_cast<std::uint32_t>(at);
    return Span{file, begin, begin + 1};
  };
  if (text.size() > kMaxPolicyBytes) {
    diagnostics.report(Diag::input_too_large, Span{file, 0, 0}, text.size(), kMaxPolicyBytes);
  } else if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    diagnostics.report(Diag::nul_byte, byte_at(nul)).help = "a policy is a text file";
  } else if (const auto bad = find_invalid_utf8(text)) {
    const auto byte = static_cast<unsigned char>(text[*bad]);
    diagnostics.report(Diag::bad_utf8, byte_at(*bad), byte).help =
        fmt::format("a policy is UTF-8; in a pattern write the byte as `\\x{:02x}`", byte);
  } else {
    return true;
  }
  return false;
}

}  // namespace srt::language
