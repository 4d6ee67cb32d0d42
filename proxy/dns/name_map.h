#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <unordered_map>

#include "proxy/hosts/host.h"

namespace srt::net {

/// Addresses of 198.18.0.0/15 (RFC 2544) that stand for names. A name keeps its address while it is
/// among the `capacity` names last used; an address is given to another name only when all others
/// have been given, so one that a program still holds leads to no other name meanwhile.
class NameMap {
 public:
  /// Names kept, unless another number is given: more than programs use, at some 200 bytes each.
  static constexpr size_t kCapacity = 16384;

  explicit NameMap(size_t capacity = kCapacity) : capacity_(capacity) {}
  NameMap(const NameMap&) = delete;
  NameMap& operator=(const NameMap&) = delete;

  /// The address that stands for `name`.
  IpAddress address_of(const HostName& name);

  /// The name that `address` stands for; nothing when it stands for none.
  std::optional<HostName> name_of(const IpAddress& address);

  /// Whether `address` is one of those that can stand for a name.
  static bool is_mapped(const IpAddress& address);

 private:
  struct Entry {
    HostName name;
    uint32_t address;
  };
  using Entries = std::list<Entry>;  // the last used first

  uint32_t next_free();

  size_t capacity_;
  uint32_t next_ = 0;
  Entries entries_;
  std::unordered_map<std::string, Entries::iterator> by_name_;
  std::unordered_map<uint32_t, Entries::iterator> by_address_;
};

}  // namespace srt::net
