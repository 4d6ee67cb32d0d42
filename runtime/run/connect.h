#pragma once

#include <string>

#include "runtime/base/result.h"

namespace srt {

/// Joins standard input and output to `target`, `HOST:PORT`, through the proxy that the environment
/// names (a ProxyCommand of ssh(1)), until the server has said its last. Each side's end of speech
/// is passed on. Fails when there is no proxy, or when it refuses, with the reason that it gives.
Status connect_through_proxy(const std::string& target);

}  // namespace srt
