#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "runtime/base/result.h"

namespace srt::net {

/// An IPv4 or IPv6 address. A value: comparable, without zone.
class IpAddress {
 public:
  static constexpr size_t kV4Bytes = 4;
  static constexpr size_t kV6Bytes = 16;

  /// The IPv4 address whose four bytes, first one highest, make `bits`.
  static constexpr IpAddress v4(uint32_t bits) {
    IpAddress address;
    address.size_ = kV4Bytes;
    for (size_t i = 0; i < kV4Bytes; ++i) {
      address.bytes_[i] = static_cast<uint8_t>(bits >> (8 * (kV4Bytes - 1 - i)));
    }
    return address;
  }

  /// The IPv6 address made of these eight 16-bit groups, as they are written.
  static constexpr IpAddress v6(const std::array<uint16_t, 8>& groups) {
    IpAddress address;
    address.size_ = kV6Bytes;
    for (size_t i = 0; i < groups.size(); ++i) {
      address.bytes_[2 * i] = static_cast<uint8_t>(groups[i] >> 8);
      address.bytes_[2 * i + 1] = static_cast<uint8_t>(groups[i]);
    }
    return address;
  }

  /// The address with these bytes in network order: IPv4 when there are four, IPv6 when there are
  /// sixteen, none otherwise.
  static std::optional<IpAddress> from_bytes(std::span<const uint8_t> bytes);

  constexpr bool is_v4() const { return size_ == kV4Bytes; }

  /// 32 or 128.
  constexpr unsigned bit_width() const { return size_ * 8U; }

  /// The bytes in network order: four or sixteen of them.
  constexpr std::span<const uint8_t> bytes() const { return std::span(bytes_).first(size_); }

  /// The IPv4 address that this IPv6 address carries: mapped `::ffff:a.b.c.d`, compatible
  /// `::a.b.c.d`, translated `::ffff:0:a.b.c.d` (RFC 2765), NAT64 `64:ff9b::/96` and
  /// `64:ff9b:1::/48` with the address in the last 32 bits (RFC 6052, RFC 8215), or 6to4
  /// `2002::/16` (RFC 3056). None for IPv4 addresses, `::` and `::1`.
  std::optional<IpAddress> embedded_ipv4() const;

  /// The address that the kernel would dial: for `::ffff:a.b.c.d` the IPv4 address (ipv6(7)), for
  /// every other one the address itself.
  IpAddress unmapped() const;

  /// The address with all bits after the first `prefix` ones cleared; `prefix` ≤ `bit_width()`.
  IpAddress truncated(unsigned prefix) const;

  auto operator<=>(const IpAddress&) const = default;

 private:
  constexpr IpAddress() = default;

  uint8_t size_ = kV4Bytes;
  std::array<uint8_t, kV6Bytes> bytes_{};
};

inline constexpr IpAddress kLoopback4 = IpAddress::v4(0x7f000001);
inline constexpr IpAddress kLoopback6 = IpAddress::v6({0, 0, 0, 0, 0, 0, 0, 1});

/// Whether an address is loopback: one of 127.0.0.0/8, or ::1.
constexpr bool is_loopback(const IpAddress& address) {
  return address.is_v4() ? address.bytes()[0] == 127 : address == kLoopback6;
}

/// Dotted decimal for IPv4; RFC 5952 for IPv6, without brackets.
std::string to_string(const IpAddress& address);

/// Reads IPv4 in every spelling that inet_aton(3) takes: one to four parts, each decimal, octal
/// with a leading `0` or hexadecimal with a leading `0x`, the last part filling what is left.
/// None when it is not an address.
std::optional<IpAddress> parse_ipv4(std::string_view text);

/// Reads IPv6 in every form of RFC 4291, section 2.2, without brackets. Zone ids (`%eth0`) are
/// refused: they name an interface of one machine.
Result<IpAddress> parse_ipv6(std::string_view text);

/// All addresses that share the first `prefix` bits of `base`, which is of the same family.
struct AddressRange {
  IpAddress base;
  unsigned prefix;

  /// Never true across families; see `IpAddress::embedded_ipv4` for IPv4 inside IPv6.
  bool contains(const IpAddress& address) const;

  auto operator<=>(const AddressRange&) const = default;
};

/// The range that holds `address` only.
AddressRange single_address(const IpAddress& address);

}  // namespace srt::net
