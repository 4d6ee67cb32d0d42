#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/ir/policy.h"

namespace srt::seatbelt {

/// Ports of a range that become one filter each: Seatbelt has none for ranges.
inline constexpr unsigned kMaxPortsOfRange = 1024;

/// The filters for the path of a `unix` rule, or nothing when it never applies.
using SocketFilters = std::function<std::optional<std::vector<std::string>>(const ir::Rule&)>;

/// The statements for what a policy says about ports to listen on, unix sockets, Mach services and
/// options, in the order of its rules. What cannot be enforced is reported as an error, what opens
/// the sandbox as a warning.
std::string service_statements(const ir::Policy& policy, const SocketFilters& socket_filters,
                               Diagnostics& diagnostics);

}  // namespace srt::seatbelt
