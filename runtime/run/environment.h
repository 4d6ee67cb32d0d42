#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "runtime/bundle/bundle.h"
#include "runtime/caller/places.h"
#include "runtime/run/served_ports.h"

namespace srt {

using Environment = std::vector<std::pair<std::string, std::string>>;

/// The command's environment, complete: the caller's, in which `TMPDIR` is the command's own, the
/// variables that lead programs to the proxy stand for whatever the caller had there (without
/// network they are gone), and the policy's variables win over all. `ports` are those of
/// served_ports(). `connector` is `srt-run` as the command sees it, for git over ssh; empty where
/// it does not. What the caller gives git for that stays.
Environment command_environment(const Bundle& bundle, const Caller& caller, const Places& places,
                                const std::vector<ServedPort>& ports,
                                const std::string& connector = {});

}  // namespace srt
