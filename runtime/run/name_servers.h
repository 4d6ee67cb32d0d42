#pragma once

#include <string_view>

namespace srt {

/// Whether every name server of a resolv.conf(5) is a link-local IPv6 address. Such an address
/// names an interface, and none of the host's is in the sandbox: look-ups inside do not get
/// anywhere. False where none is named, which means loopback.
bool name_servers_are_link_local(std::string_view resolv_conf);

}  // namespace srt
