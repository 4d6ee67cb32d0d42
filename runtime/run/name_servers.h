#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proxy/hosts/host.h"

namespace srt {

/// What a resolv.conf(5) says that matters to look-ups inside.
struct ResolverSettings {
  /// The interfaces that link-local servers are reached by (`fe80::1%eth0`). None of the host's is
  /// in the sandbox, so one there has to have their names.
  std::vector<std::string> interfaces = {};
  /// Whether no server can be reached inside: all are link-local, by the number of an interface or
  /// without one. False where none is named, which means loopback.
  bool is_out_of_reach = false;
  /// What programs append to names (`search`, `domain`).
  std::vector<net::HostName> search = {};
};

ResolverSettings read_resolver_settings(std::string_view resolv_conf);

/// Those of this machine; none where they cannot be read.
ResolverSettings resolver_settings_of_machine();

}  // namespace srt
