#include "proxy/hosts/address.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "proxy/hosts/quote.h"

namespace srt::net {

namespace {

// Where an IPv6 range carries IPv4 addresses: `offset` is the byte at which they start.
struct Embedding {
  AddressRange range;
  size_t offset;
};

constexpr AddressRange kMapped{IpAddress::v6({0, 0, 0, 0, 0, 0xffff, 0, 0}), 96};

constexpr std::array kEmbeddings = {
    Embedding{kMapped, 12},
    Embedding{{IpAddress::v6({0, 0, 0, 0, 0, 0, 0, 0}), 96}, 12},
    Embedding{{IpAddress::v6({0, 0, 0, 0, 0xffff, 0, 0, 0}), 96}, 12},
    Embedding{{IpAddress::v6({0x64, 0xff9b, 0, 0, 0, 0, 0, 0}), 96}, 12},
    Embedding{{IpAddress::v6({0x64, 0xff9b, 1, 0, 0, 0, 0, 0}), 48}, 12},
    Embedding{{IpAddress::v6({0x2002, 0, 0, 0, 0, 0, 0, 0}), 16}, 2},
};

constexpr IpAddress kV6Unspecified = IpAddress::v6({0, 0, 0, 0, 0, 0, 0, 0});

// One part of an inet_aton spelling.
std::optional<uint32_t> parse_ipv4_part(std::string_view part) {
  int base = 10;
  if (part.starts_with("0x") || part.starts_with("0X")) {
    base = 16;
    part.remove_prefix(2);
  } else if (part.size() > 1 && part.front() == '0') {
    base = 8;
    part.remove_prefix(1);
  }
  uint32_t value = 0;
  const char* end = part.data() + part.size();
  const auto [stop, error] = std::from_chars(part.data(), end, value, base);
  if (part.empty() || error != std::errc() || stop != end) return std::nullopt;
  return value;
}

// Four decimal numbers without leading zeros: the only IPv4 spelling that IPv6 text may end in.
std::optional<uint32_t> parse_dotted_decimal(std::string_view text) {
  const bool plain =
      std::ranges::all_of(text, [](char c) { return c == '.' || ('0' <= c && c <= '9'); });
  if (!plain || std::ranges::count(text, '.') != 3) return std::nullopt;
  uint32_t bits = 0;
  for (int i = 0; i < 4; ++i) {
    const std::string_view part = text.substr(0, text.find('.'));
    const std::optional<uint32_t> value = parse_ipv4_part(part);
    if (!value || *value > 0xff || (part.size() > 1 && part.front() == '0')) return std::nullopt;
    bits = bits << 8 | *value;
    text.remove_prefix(std::min(text.size(), part.size() + 1));
  }
  return bits;
}

// Reads groups separated by `:` to the end of `text`; appends them. False on anything else.
bool parse_groups(std::string_view text, std::array<uint16_t, 8>& groups, size_t& count) {
  if (text.empty()) return true;
  while (true) {
    const size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (colon == std::string_view::npos && group.find('.') != std::string_view::npos) {
      const std::optional<uint32_t> bits = parse_dotted_decimal(group);
      if (!bits || count + 2 > groups.size()) return false;
      groups[count++] = static_cast<uint16_t>(*bits >> 16);
      groups[count++] = static_cast<uint16_t>(*bits);
      return true;
    }
    const char* end = group.data() + group.size();
    uint16_t value = 0;
    const auto [stop, error] = std::from_chars(group.data(), end, value, 16);
    if (group.empty() || group.size() > 4 || error != std::errc() || stop != end) return false;
    if (count == groups.size()) return false;
    groups[count++] = value;
    if (colon == std::string_view::npos) return true;
    text.remove_prefix(colon + 1);
  }
}

// The longest run of two or more zero groups, the first of equals: what `::` stands for.
std::pair<size_t, size_t> longest_zero_run(const std::array<uint16_t, 8>& groups) {
  size_t best_start = groups.size();
  size_t best_length = 1;
  for (size_t i = 0; i < groups.size();) {
    size_t end = i;
    while (end < groups.size() && groups[end] == 0) ++end;
    if (end - i > best_length) {
      best_start = i;
      best_length = end - i;
    }
    i = end + 1;
  }
  return {best_start, best_start == groups.size() ? 0 : best_length};
}

std::string ipv4_text(std::span<const uint8_t> bytes) {
  return fmt::format("{}.{}.{}.{}", bytes[0], bytes[1], bytes[2], bytes[3]);
}

}  // namespace

std::optional<IpAddress> IpAddress::from_bytes(std::span<const uint8_t> bytes) {
  if (bytes.size() != kV4Bytes && bytes.size() != kV6Bytes) return std::nullopt;
  IpAddress address;
  address.size_ = static_cast<uint8_t>(bytes.size());
  std::ranges::copy(bytes, address.bytes_.begin());
  return address;
}

std::optional<IpAddress> IpAddress::embedded_ipv4() const {
  if (is_v4() || *this == kV6Unspecified || *this == kLoopback6) return std::nullopt;
  for (const Embedding& embedding : kEmbeddings) {
    if (embedding.range.contains(*this)) {
      return from_bytes(bytes().subspan(embedding.offset, kV4Bytes));
    }
  }
  return std::nullopt;
}

IpAddress IpAddress::unmapped() const { return kMapped.contains(*this) ? *embedded_ipv4() : *this; }

IpAddress IpAddress::truncated(unsigned prefix) const {
  IpAddress result = *this;
  for (unsigned bit = prefix; bit < bit_width(); ++bit) {
    result.bytes_[bit / 8] &= static_cast<uint8_t>(~(0x80U >> bit % 8));
  }
  return result;
}

std::string to_string(const IpAddress& address) {
  const std::span<const uint8_t> bytes = address.bytes();
  if (address.is_v4()) return ipv4_text(bytes);
  if (kMapped.contains(address)) return "::ffff:" + ipv4_text(bytes.subspan(12));

  std::array<uint16_t, 8> groups{};
  for (size_t i = 0; i < groups.size(); ++i) {
    groups[i] = static_cast<uint16_t>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
  }
  const auto [zeros, length] = longest_zero_run(groups);
  std::string text;
  for (size_t i = 0; i < groups.size();) {
    if (i == zeros) {
      text += "::";
      i += length;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    text += fmt::format("{:x}", groups[i++]);
  }
  return text;
}

std::optional<IpAddress> parse_ipv4(std::string_view text) {
  uint32_t bits = 0;
  for (int parts = 1; parts <= 4; ++parts) {
    const size_t dot = text.find('.');
    const std::optional<uint32_t> part = parse_ipv4_part(text.substr(0, dot));
    if (!part) return std::nullopt;
    if (dot == std::string_view::npos) {
      // The last part fills the 40 - 8 * parts bits that are left.
      const uint64_t limit = uint64_t{1} << (40 - 8 * parts);
      if (*part >= limit) return std::nullopt;
      return IpAddress::v4(bits | *part);
    }
    if (*part > 0xff || parts == 4) return std::nullopt;
    bits |= *part << (32 - 8 * parts);
    text.remove_prefix(dot + 1);
  }
  return std::nullopt;
}

Result<IpAddress> parse_ipv6(std::string_view text) {
  if (text.find('%') != std::string_view::npos) {
    return Error{fmt::format("{} has a zone id", quote(text)),
                 "write the address without `%` and what follows it"};
  }
  const Error malformed{
      fmt::format("{} is not an IPv6 address", quote(text)),
      "eight groups of hexadecimal digits, `::` for a run of zeros: `2001:db8::1`"};
  std::array<uint16_t, 8> groups{};
  size_t count = 0;
  const size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    if (!parse_groups(text, groups, count) || count != groups.size()) return malformed;
    return IpAddress::v6(groups);
  }
  const std::string_view left = text.substr(0, gap);
  if (left.find('.') != std::string_view::npos || !parse_groups(left, groups, count)) {
    return malformed;
  }
  std::array<uint16_t, 8> tail{};
  size_t tail_count = 0;
  if (!parse_groups(text.substr(gap + 2), tail, tail_count)) return malformed;
  // `::` stands for one group at least.
  if (count + tail_count >= groups.size()) return malformed;
  std::copy_n(tail.begin(), tail_count, groups.end() - static_cast<std::ptrdiff_t>(tail_count));
  return IpAddress::v6(groups);
}

bool AddressRange::contains(const IpAddress& address) const {
  if (address.is_v4() != base.is_v4()) return false;
  const std::span<const uint8_t> a = address.bytes();
  const std::span<const uint8_t> b = base.bytes();
  const size_t whole = prefix / 8;
  if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(whole), b.begin())) {
    return false;
  }
  const unsigned rest = prefix % 8;
  return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

AddressRange single_address(const IpAddress& address) { return {address, address.bit_width()}; }

}  // namespace srt::net
