#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "proxy/hosts/address.h"
#include "runtime/base/result.h"

namespace srt::net {

/// The port of `http://` URLs (RFC 9110, section 4.2.1).
inline constexpr std::uint16_t kHttpPort = 80;

/// A host name in canonical form: lower case, without trailing dot, never an address. Made by
/// `canonical_host` only.
class HostName {
 public:
  /// Bytes in a name, without the trailing dot, and in a label of it (RFC 1035, section 2.3.4).
  static constexpr size_t kMaxName = 253;
  static constexpr size_t kMaxLabel = 63;

  const std::string& text() const { return text_; }

  /// True for names strictly beneath `parent`: `a.example.com` beneath `example.com`.
  bool is_subdomain_of(const HostName& parent) const;

  /// True for `localhost` and every name beneath it (RFC 6761, section 6.3).
  bool is_localhost() const;

  auto operator<=>(const HostName&) const = default;

 private:
  friend Result<std::variant<HostName, IpAddress>> canonical_host(std::string_view text);
  explicit HostName(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

/// What a connection is asked for: a name, or an address that is never IPv4-mapped.
using Host = std::variant<HostName, IpAddress>;

/// The one form of a host's spellings, for policies and requests alike. Addresses are recognised in
/// every spelling, IPv6 with or without brackets; `::ffff:a.b.c.d` is the IPv4 address. A name
/// whose last label is a number, as in `1.2.3.4.5`, is refused: some programs take it for an
/// address. Fails on bytes that cannot stand in a name, on lengths, on empty labels. Names that are
/// not ASCII are refused: they have to be given in their punycode form.
Result<Host> canonical_host(std::string_view text);

/// The canonical spelling; IPv6 without brackets.
std::string to_string(const Host& host);

/// `host:port`, IPv6 in brackets.
std::string to_authority(const Host& host, uint16_t port);

}  // namespace srt::net
