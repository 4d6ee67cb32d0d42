#include "runtime/run/name_servers.h"

#include <algorithm>

#include "proxy/hosts/address.h"

namespace srt {

bool name_servers_are_link_local(std::string_view resolv_conf) {
  const net::AddressRange link_local = {net::IpAddress::v6({0xfe80, 0, 0, 0, 0, 0, 0, 0}), 10};
  bool found = false;
  while (!resolv_conf.empty()) {
    std::string_view line = resolv_conf.substr(0, resolv_conf.find('\n'));
    resolv_conf.remove_prefix(std::min(line.size() + 1, resolv_conf.size()));
    constexpr std::string_view kKeyword = "nameserver";
    if (!line.starts_with(kKeyword)) continue;
    line.remove_prefix(kKeyword.size());
    const std::size_t start = line.find_first_not_of(" \t");
    if (start == 0 || start == std::string_view::npos) continue;
    line = line.substr(start, line.find_first_of(" \t\r", start) - start);
    const Result<net::IpAddress> address = net::parse_ipv6(line.substr(0, line.find('%')));
    if (!address || !link_local.contains(*address)) return false;
    found = true;
  }
  return found;
}

}  // namespace srt
