#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <memory>

#include "proxy/server/original_destination.h"
#include "proxy/server/own_addresses.h"

namespace srt::net {
namespace {

bool is(const sockaddr* known, const IpAddress& address) {
  if (known == nullptr || (known->sa_family != AF_INET && known->sa_family != AF_INET6)) {
    return false;
  }
  sockaddr_storage whole = {};
  std::memcpy(&whole, known,
              known->sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
  const std::optional<Destination> found = destination_of(whole);
  return found && found->address == address;
}

}  // namespace

// There is no way to ask the kernel for its route without privileges that is the same on all
// versions: its interfaces tell (getifaddrs(3)). What any of them covers as a whole, loopback and
// link-local addresses and the unspecified one, the host policy denies by itself.
bool leads_to_this_host(const IpAddress& address) {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return true;
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owned(list, freeifaddrs);
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (is(entry->ifa_addr, address)) return true;
    const bool broadcasts = (entry->ifa_flags & IFF_BROADCAST) != 0;
    if (broadcasts && is(entry->ifa_broadaddr, address)) return true;
  }
  return false;
}

}  // namespace srt::net
