#pragma once

#include <asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "proxy/server/resolver.h"

namespace srt::net {

/// A resolver that reads `/etc/hosts` and asks the name servers of `/etc/resolv.conf`, both address
/// families, on `io`. The files are read at the first look-up, `/etc/hosts` at each. A look-up
/// takes about `timeout` at most. `servers`, a list like `127.0.0.1:53,[::1]:53`, replaces those of
/// `/etc/resolv.conf` unless it is empty.
std::unique_ptr<Resolver> make_ares_resolver(asio::io_context& io,
                                             std::chrono::milliseconds timeout,
                                             std::string servers = {});

}  // namespace srt::net
