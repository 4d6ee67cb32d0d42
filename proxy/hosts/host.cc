#include "proxy/hosts/host.h"

#include <fmt/core.h>

#include <algorithm>

#include "proxy/hosts/quote.h"

namespace srt::net {

namespace {

constexpr bool is_digit(char c) { return '0' <= c && c <= '9'; }

constexpr bool is_hex_digit(char c) {
  return is_digit(c) || ('a' <= c && c <= 'f') || ('A' <= c && c <= 'F');
}

// Letters and digits in lower case, hyphen, dot, underscore; 0 for a byte that no name holds.
constexpr char name_byte(char c) {
  if ('A' <= c && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  const bool valid = ('a' <= c && c <= 'z') || is_digit(c) || c == '-' || c == '.' || c == '_';
  return valid ? c : '\0';
}

// Whether a label reads as a number, in any base that inet_aton knows.
bool is_number(std::string_view label) {
  if (label.starts_with("0x")) return std::ranges::all_of(label.substr(2), is_hex_digit);
  return std::ranges::all_of(label, is_digit);
}

Error bad_byte(std::string_view text, size_t at) {
  if (static_cast<unsigned char>(text[at]) >= 0x80) {
    return {fmt::format("host name {} is not ASCII", quote(text)),
            "write it in its punycode form, which begins with `xn--`"};
  }
  return {fmt::format("{} cannot stand in host name {}", quote(text.substr(at, 1)), quote(text)),
          "host names hold letters, digits, `-`, `_` and `.`"};
}

Result<Host> bracketed_ipv6(std::string_view text) {
  if (text.back() != ']') {
    return Error{fmt::format("{} lacks its closing `]`", quote(text)), "write `[::1]`"};
  }
  Result<IpAddress> address = parse_ipv6(text.substr(1, text.size() - 2));
  if (!address) return std::move(address).error();
  return Host(address->unmapped());
}

}  // namespace

bool HostName::is_subdomain_of(const HostName& parent) const {
  return text_.size() > parent.text_.size() && text_.ends_with(parent.text_) &&
         text_[text_.size() - parent.text_.size() - 1] == '.';
}

bool HostName::is_localhost() const {
  return text_ == "localhost" || text_.ends_with(".localhost");
}

Result<Host> canonical_host(std::string_view text) {
  if (text.empty()) return Error{"the host is empty", "name a host, as in `example.com`"};
  if (text.front() == '[') return bracketed_ipv6(text);
  if (text.find(':') != std::string_view::npos) {
    Result<IpAddress> address = parse_ipv6(text);
    if (!address) return std::move(address).error();
    return Host(address->unmapped());
  }

  std::string name(text);
  for (size_t i = 0; i < name.size(); ++i) {
    name[i] = name_byte(name[i]);
    if (name[i] == '\0') return bad_byte(text, i);
  }
  if (name.back() == '.') name.pop_back();
  if (name.size() > HostName::kMaxName) {
    return Error{fmt::format("host name of {} bytes is too long", name.size()),
                 fmt::format("a name has at most {} bytes", HostName::kMaxName)};
  }
  for (size_t start = 0;;) {
    const size_t dot = name.find('.', start);
    const size_t length = std::min(dot, name.size()) - start;
    if (length == 0) {
      return Error{fmt::format("host name {} has an empty label", quote(text)),
                   "remove the extra `.`"};
    }
    if (length > HostName::kMaxLabel) {
      return Error{fmt::format("host name {} has a label of {} bytes", quote(text), length),
                   fmt::format("a label has at most {} bytes", HostName::kMaxLabel)};
    }
    if (dot == std::string::npos) break;
    start = dot + 1;
  }
  if (is_number(std::string_view(name).substr(name.rfind('.') + 1))) {
    const std::optional<IpAddress> address = parse_ipv4(name);
    if (address) return Host(*address);
    return Error{fmt::format("{} ends in a number and is not an IPv4 address", quote(text)),
                 "write a name, or an address such as `192.0.2.1`"};
  }
  return Host(HostName(std::move(name)));
}

std::string to_string(const Host& host) {
  if (const auto* name = std::get_if<HostName>(&host)) return name->text();
  return to_string(std::get<IpAddress>(host));
}

std::string to_authority(const Host& host, uint16_t port) {
  const auto* address = std::get_if<IpAddress>(&host);
  const std::string text = to_string(host);
  if (address != nullptr && !address->is_v4()) return fmt::format("[{}]:{}", text, port);
  return fmt::format("{}:{}", text, port);
}

}  // namespace srt::net
