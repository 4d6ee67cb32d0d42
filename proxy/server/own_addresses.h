#pragma once

#include <vector>

#include "proxy/hosts/address.h"

namespace srt::net {

/// The addresses of this host's interfaces, as they are now. Empty where they cannot be listed.
std::vector<IpAddress> own_addresses();

}  // namespace srt::net
