#pragma once

#include <string_view>
#include <vector>

#include "proxy/hosts/host.h"

namespace srt::net {

/// The names that a hosts file (hosts(5)) gives to `address`, in their order. Lines and names that
/// cannot be read are passed over.
std::vector<HostName> names_in_hosts_file(std::string_view text, const IpAddress& address);

}  // namespace srt::net
