#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/target.h"
#include "runtime/bundle/bundle.h"
#include "runtime/caller/caller.h"
#include "runtime/run/served_ports.h"

namespace srt {

using Environment = std::vector<std::pair<std::string, std::string>>;

/// What the command is told of the proxy.
struct ProxyAddress {
  std::uint16_t port = 0;        ///< on 127.0.0.1; 0 where there is no network
  std::uint16_t socks_port = 0;  ///< of one for SOCKS, for what needs no HTTP; 0: there is none
  std::string user_info = {};    ///< `USER:PASSWORD`, plain in a URL; empty where none is asked for
  bool serves_loopback = false;  ///< what listens on loopback is reached through it too
};

/// What of the command's environment is known at launch only.
struct EnvironmentOfRun {
  Target target;
  std::string tmp;
  ProxyAddress proxy = {};
  /// `srt-run` as the command sees it, for git over ssh; empty where it does not.
  std::string connector = {};
};

/// What Linux's served_ports() come to for the command.
ProxyAddress proxy_address(const std::vector<ServedPort>& ports);

/// The command's environment, complete: the caller's, in which `TMPDIR` is the command's own, the
/// variables that lead programs to the proxy stand for whatever the caller had there (without
/// network they are gone), and the policy's variables win over all. What the caller gives git for
/// ssh stays.
Environment command_environment(const Bundle& bundle, const Caller& caller,
                                const EnvironmentOfRun& run);

}  // namespace srt
