#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace srt::ir {

/// The words that the policy language reserves: as a pattern each has to be quoted. The lexer has
/// the same; a test holds the two together.
inline constexpr std::array<std::string_view, 27> kReservedWords = {
    "policy",  "param",    "let",     "default",  "allow",   "deny",  "use",
    "set",     "limit",    "option",  "expect",   "on",      "read",  "write",
    "connect", "bind",     "unix",    "env",      "syscall", "mach",  "except",
    "within",  "existing", "publish", "tls-name", "because", "accept"};

constexpr bool is_reserved(std::string_view word) {
  return std::find(kReservedWords.begin(), kReservedWords.end(), word) != kReservedWords.end();
}

}  // namespace srt::ir
