#include "proxy/upstream/direct_hosts.h"

#include <algorithm>
#include <string>

#include "proxy/hosts/host_pattern.h"

namespace srt::net {

namespace {

// Without the port of `host:8080` and `[::1]:8080`.
std::string_view without_port(std::string_view entry) {
  const size_t colon = entry.rfind(':');
  if (colon == std::string_view::npos) return entry;
  const bool bare_ipv6 = entry.front() != '[' && entry.find(':') != colon;
  const bool digits = entry.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
  return bare_ipv6 || !digits ? entry : entry.substr(0, colon);
}

}  // namespace

DirectHosts::DirectHosts(std::string_view list) {
  constexpr std::string_view kBetween = ", \t";
  while (!list.empty()) {
    const size_t end = std::min(list.find_first_of(kBetween), list.size());
    if (end > 0) add(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
}

void DirectHosts::add(std::string_view entry) {
  if (entry == "*") {
    all_ = true;
    return;
  }
  if (entry.find('/') != std::string_view::npos) {
    const bool bare_ipv6 = entry.front() != '[' && entry.find(':') != std::string_view::npos;
    const auto range =
        parse_host_pattern(bare_ipv6 ? '[' + std::string(entry) + ']' : std::string(entry));
    if (!range) return;
    const auto* addresses = std::get_if<AddressRange>(&range->hosts);
    if (addresses != nullptr) ranges_.push_back(*addresses);
    return;
  }
  if (entry.starts_with("*.")) entry.remove_prefix(1);
  if (entry.starts_with('.')) entry.remove_prefix(1);
  if (entry.empty()) return;
  Result<Host> host = canonical_host(without_port(entry));
  if (!host) return;
  if (auto* name = std::get_if<HostName>(&*host)) {
    names_.push_back(std::move(*name));
  } else {
    ranges_.push_back(single_address(std::get<IpAddress>(*host)));
  }
}

bool DirectHosts::contains(const Host& host) const {
  if (const auto* name = std::get_if<HostName>(&host)) {
    return all_ || name->is_localhost() || std::ranges::any_of(names_, [&](const HostName& known) {
             return *name == known || name->is_subdomain_of(known);
           });
  }
  const auto& address = std::get<IpAddress>(host);
  return all_ || is_loopback(address) ||
         std::ranges::any_of(ranges_,
                             [&](const AddressRange& range) { return range.contains(address); });
}

}  // namespace srt::net
