#pragma once

#include <optional>

#include "proxy/upstream/direct_hosts.h"
#include "proxy/upstream/upstream.h"
#include "runtime/bundle/bundle.h"
#include "runtime/caller/caller.h"

namespace srt {

/// How connections leave this machine.
struct WayOut {
  std::optional<net::Upstream> upstream;  ///< none: directly
  net::DirectHosts direct;
};

/// The upstream proxy that the bundle names, on Linux, else the one in the caller's `HTTPS_PROXY`
/// or `HTTP_PROXY`; and the hosts reached without it, of the bundle, else of the caller's
/// `NO_PROXY`. Variables count in lower case too. An error where one that is set cannot be used, as
/// going out directly is not what it asks for; it does not show the value. None where nothing may
/// leave.
Result<WayOut> choose_way_out(const Bundle& bundle, const Caller& caller, Target target);

}  // namespace srt
