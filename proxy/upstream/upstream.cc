#include "proxy/upstream/upstream.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "proxy/upstream/basic_credentials.h"

namespace srt::net {

namespace {

Error bad_url(std::string message) {
  return {std::move(message), "write `http://HOST:PORT` or `http://USER:PASSWORD@HOST:PORT`"};
}

std::optional<int> hex_digit(char c) {
  if ('0' <= c && c <= '9') return c - '0';
  if ('a' <= c && c <= 'f') return c - 'a' + 10;
  if ('A' <= c && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

// RFC 3986, section 2.1. What is no escape stands for itself, as other programs have it.
std::string percent_decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size();
    const auto high = escape ? hex_digit(text[i + 1]) : std::nullopt;
    const auto low = escape ? hex_digit(text[i + 2]) : std::nullopt;
    if (high && low) {
      out += static_cast<char>(*high << 4 | *low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

// A user name ends at its first colon, so it cannot hold one (RFC 7617, section 2).
std::string basic_authorization(std::string_view user_info) {
  if (user_info.empty()) return "";
  const size_t colon = std::min(user_info.find(':'), user_info.size());
  const std::string user = percent_decoded(user_info.substr(0, colon));
  const std::string password =
      percent_decoded(user_info.substr(std::min(colon + 1, user_info.size())));
  return basic_credentials(user, password);
}

bool starts_with_ignoring_case(std::string_view text, std::string_view start) {
  return text.size() >= start.size() &&
         std::ranges::equal(text.substr(0, start.size()), start, {},
                            [](char c) { return 'A' <= c && c <= 'Z' ? c - 'A' + 'a' : c; });
}

}  // namespace

Result<Upstream> parse_upstream(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  constexpr std::string_view kTlsScheme = "https://";
  if (starts_with_ignoring_case(url, kTlsScheme)) {
    return bad_url("TLS to an upstream proxy is not supported");
  }
  if (starts_with_ignoring_case(url, kScheme)) {
    url.remove_prefix(kScheme.size());
  } else if (url.find("://") != std::string_view::npos) {
    return bad_url("the upstream proxy is not an HTTP proxy");
  }
  const size_t at = url.rfind('@');
  const std::string_view user_info = at == std::string_view::npos ? "" : url.substr(0, at);
  std::string_view authority = at == std::string_view::npos ? url : url.substr(at + 1);
  if (authority.ends_with('/')) authority.remove_suffix(1);

  // The colon of a port stands behind the bracket of an IPv6 address.
  const size_t bracket = authority.starts_with('[') ? authority.find(']') : 0;
  const size_t colon = bracket == std::string_view::npos ? bracket : authority.find(':', bracket);
  Result<Host> host = canonical_host(authority.substr(0, colon));
  if (!host) return bad_url("the upstream proxy's host cannot be read");
  if (colon == std::string_view::npos) {
    return Upstream{*std::move(host), kHttpPort, basic_authorization(user_info)};
  }
  const std::string_view digits = authority.substr(colon + 1);
  const char* end = digits.data() + digits.size();
  uint16_t port = 0;
  const auto [stop, error] = std::from_chars(digits.data(), end, port);
  if (error != std::errc() || stop != end || port == 0) {
    return bad_url("the upstream proxy's port cannot be read");
  }
  return Upstream{*std::move(host), port, basic_authorization(user_info)};
}

std::string without_credentials(const std::string& url) {
  const std::size_t at = url.rfind('@');
  const std::size_t start = url.find("//");
  if (at == std::string::npos || start == std::string::npos) return url;
  return url.substr(0, start + 2) + "…" + url.substr(at);
}

std::string_view credentials_problem(const Upstream& upstream) {
  return upstream.authorization.empty() ? "asks for a user name and a password"
                                        : "does not take the user name and password given";
}

std::string to_string(const Upstream& upstream) {
  return to_authority(upstream.host, upstream.port);
}

}  // namespace srt::net
