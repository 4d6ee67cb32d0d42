#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "proxy/hosts/host.h"
#include "proxy/hosts/host_pattern.h"

/// The classes of names, addresses and ports that host patterns do not tell apart.
namespace srt::compare {

/// Ports, sorted, apart from each other.
using Ports = std::vector<net::PortRange>;

/// A set of names that patterns do not tell apart, with one of them.
struct NameClass {
  enum class Kind : std::uint8_t { name, beneath, others };

  Kind kind;
  std::string text;  ///< the name, or the one that all lie beneath
  net::Host example;
  std::optional<std::size_t> parent;  ///< the class whose pattern also matches these
};

/// Addresses of one family that patterns do not tell apart, from first to last.
struct AddressClass {
  net::IpAddress first;
  net::IpAddress last;
  std::vector<net::IpAddress> examples;
};

std::vector<NameClass> name_classes(std::span<const net::HostPattern> patterns);
std::vector<AddressClass> address_classes(std::span<const net::HostPattern> patterns);
/// The first port of each class.
std::vector<std::uint16_t> port_classes(std::span<const net::PortRange> ranges);

/// The patterns that match the names of each class at its ports, and no others; with what is
/// excepted from each.
struct Spelled {
  std::string pattern;
  std::vector<std::string> except;
  std::string example;
};
std::vector<Spelled> spell_names(const std::vector<NameClass>& classes,
                                 const std::vector<Ports>& ports);
std::vector<Spelled> spell_addresses(const std::vector<AddressClass>& classes,
                                     const std::vector<Ports>& ports);

/// The ports of those classes that are wanted.
template <typename Wanted>
Ports ports_where(const std::vector<std::uint16_t>& classes, Wanted&& is_wanted) {
  Ports out;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    if (!is_wanted(classes[i])) continue;
    const std::uint16_t last =
        i + 1 < classes.size() ? static_cast<std::uint16_t>(classes[i + 1] - 1) : UINT16_MAX;
    if (!out.empty() && out.back().last + 1 == classes[i]) {
      out.back().last = last;
    } else {
      out.push_back({classes[i], last});
    }
  }
  return out;
}

}  // namespace srt::compare
