#pragma once

#include <vector>

#include "compiler/compare/compare.h"
#include "compiler/compare/frame.h"

namespace srt::compare {

/// Where the policies decide otherwise about hosts and ports that the command connects to. Hosts
/// and ports come in finitely many classes which no rule tells apart, and one of each is asked for.
/// Parameters take every value that some rule names, and one that none does. Adds `connect` to
/// `unfinished` where these are too many combinations.
void compare_hosts(const Frame& frame, Target target, Comparison& out);

/// Likewise about ports that the command listens on.
void compare_ports(const Frame& frame, Target target, Comparison& out);

}  // namespace srt::compare
