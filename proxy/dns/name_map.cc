#include "proxy/dns/name_map.h"

namespace srt::net {

namespace {

// The first 256 are left out: among them is the sandbox's own address.
constexpr uint32_t kFirst = 0xc6120100;  // 198.18.1.0
constexpr uint32_t kLast = 0xc613ffff;   // 198.19.255.255

std::optional<uint32_t> v4_bits(const IpAddress& address) {
  if (!address.is_v4()) return std::nullopt;
  uint32_t bits = 0;
  for (const uint8_t byte : address.bytes()) bits = bits << 8 | byte;
  return bits;
}

}  // namespace

IpAddress NameMap::address_of(const HostName& name) {
  if (const auto known = by_name_.find(name.text()); known != by_name_.end()) {
    entries_.splice(entries_.begin(), entries_, known->second);
    return IpAddress::v4(known->second->address);
  }
  if (entries_.size() >= capacity_) {
    by_name_.erase(entries_.back().name.text());
    by_address_.erase(entries_.back().address);
    entries_.pop_back();
  }
  entries_.push_front({name, next_free()});
  by_name_.emplace(name.text(), entries_.begin());
  by_address_.emplace(entries_.front().address, entries_.begin());
  return IpAddress::v4(entries_.front().address);
}

std::optional<HostName> NameMap::name_of(const IpAddress& address) {
  const std::optional<uint32_t> bits = v4_bits(address);
  const auto known = bits ? by_address_.find(*bits) : by_address_.end();
  if (known == by_address_.end()) return std::nullopt;
  entries_.splice(entries_.begin(), entries_, known->second);
  return known->second->name;
}

bool NameMap::is_mapped(const IpAddress& address) {
  const std::optional<uint32_t> bits = v4_bits(address);
  return bits && kFirst <= *bits && *bits <= kLast;
}

// There is one: there are more addresses than names.
uint32_t NameMap::next_free() {
  constexpr uint32_t kCount = kLast - kFirst + 1;
  static_assert(kCapacity < kCount);
  uint32_t address;
  do {
    address = kFirst + next_;
    next_ = (next_ + 1) % kCount;
  } while (by_address_.contains(address));
  return address;
}

}  // namespace srt::net
