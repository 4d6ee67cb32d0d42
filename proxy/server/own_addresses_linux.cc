#include <ifaddrs.h>
#include <netinet/in.h>

#include <memory>
#include <optional>
#include <span>

#include "proxy/server/own_addresses.h"

namespace srt::net {
namespace {

std::optional<IpAddress> address_of(const sockaddr& socket_address) {
  if (socket_address.sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(socket_address);
    return IpAddress::v4(ntohl(v4.sin_addr.s_addr));
  }
  if (socket_address.sa_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(socket_address);
    return IpAddress::from_bytes(std::span(v6.sin6_addr.s6_addr));
  }
  return std::nullopt;
}

}  // namespace

std::vector<IpAddress> own_addresses() {
  std::vector<IpAddress> out;
  ifaddrs* interfaces = nullptr;
  if (getifaddrs(&interfaces) != 0) return out;
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(interfaces, freeifaddrs);
  for (const ifaddrs* at = interfaces; at != nullptr; at = at->ifa_next) {
    if (at->ifa_addr == nullptr) continue;
    if (const auto address = address_of(*at->ifa_addr)) out.push_back(*address);
  }
  return out;
}

}  // namespace srt::net
