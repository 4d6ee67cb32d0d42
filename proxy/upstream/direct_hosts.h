#pragma once

#include <string_view>
#include <vector>

#include "proxy/hosts/host.h"

namespace srt::net {

/// Hosts that are reached without the upstream proxy.
class DirectHosts {
 public:
  /// Loopback only, which is always among them.
  DirectHosts() = default;

  /// Reads a list as `NO_PROXY` holds it: `*` for all, names that stand for themselves and all
  /// beneath them, with or without a leading `.` or `*.`, addresses, ranges (`10.0.0.0/8`). Commas
  /// or blanks part them; a port behind one is not looked at, and what is none of these is passed
  /// over, so that its host is reached through the proxy.
  explicit DirectHosts(std::string_view list);

  /// Whether `host`, as it was asked for, is one. Names are not looked up.
  bool contains(const Host& host) const;

 private:
  void add(std::string_view entry);

  bool all_ = false;
  std::vector<HostName> names_;
  std::vector<AddressRange> ranges_;
};

}  // namespace srt::net
