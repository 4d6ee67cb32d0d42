#pragma once

#include <optional>
#include <string>

#include "proxy/hosts/host.h"

namespace srt::net {

/// What is wrong with a ClientHello for `server_name` on a connection that was asked for to
/// `asked`; empty when nothing is. The name has to be equal to the host in canonical form. A hello
/// without one is in order where an address was asked for, as addresses cannot be named (RFC 6066,
/// section 3). `localhost` and loopback addresses stand for each other: a program inside reaches
/// them alike.
std::string server_name_problem(const std::optional<std::string>& server_name, const Host& asked);

}  // namespace srt::net
