#include "proxy/server/client_token.h"

#include <fmt/core.h>
#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "proxy/upstream/basic_credentials.h"

namespace srt::net {

namespace {

constexpr std::string_view kUser = "srt";
constexpr size_t kTokenBytes = 16;

// In a time that does not tell where they differ.
bool equal(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<uint8_t>(a[i]) ^ static_cast<uint8_t>(b[i]);
  }
  return difference == 0;
}

}  // namespace

ClientToken::ClientToken(std::string password)
    : password_(std::move(password)), credentials_(basic_credentials(kUser, password_)) {}

Result<ClientToken> ClientToken::make() {
  std::array<uint8_t, kTokenBytes> bytes{};
  // getentropy(3), of glibc and of macOS alike.
  if (getentropy(bytes.data(), bytes.size()) != 0) {
    return Error{fmt::format("cannot make the proxy's token: {}", std::strerror(errno))};
  }
  std::string password;
  for (const uint8_t byte : bytes) password += fmt::format("{:02x}", byte);
  return ClientToken(std::move(password));
}

std::string ClientToken::user_info() const { return fmt::format("{}:{}", kUser, password_); }

bool ClientToken::accepts(const HttpFields& fields) const {
  constexpr std::string_view kField = "Proxy-Authorization";
  // RFC 9110, section 11.1: the name of the scheme may come in any case.
  constexpr std::string_view kScheme = "Basic ";
  const std::string_view value = fields.find(kField).value_or("");
  return fields.count(kField) == 1 &&
         equal_ignoring_case(value.substr(0, kScheme.size()), kScheme) &&
         equal(value.substr(kScheme.size()), std::string_view(credentials_).substr(kScheme.size()));
}

bool ClientToken::accepts(std::string_view user, std::string_view password) const {
  return user == kUser && equal(password, password_);
}

}  // namespace srt::net
