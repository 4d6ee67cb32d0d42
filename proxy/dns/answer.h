#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "proxy/dns/message.h"
#include "proxy/dns/name_map.h"
#include "proxy/hosts/host_policy.h"

namespace srt::net {

/// What came of a query.
struct DnsOutcome {
  /// To be sent; empty when the bytes were no query.
  std::vector<uint8_t> response = {};
  /// The name that was asked for, when the policy allows it on some port and it is not the
  /// sandbox's own; and what to send if it turns out not to exist.
  std::optional<HostName> permitted = {};
  std::vector<uint8_t> absent = {};
  /// The name that was asked for, when the policy denies it on every port.
  std::optional<Host> denied = {};
  /// The rule that decided, if one did; owned by the policy.
  const HostRule* rule = nullptr;
};

/// Answers a query out of the policy alone, asking nobody. A name that may be reached on some port
/// has one IPv4 address, of `names`; `localhost` and names beneath it have loopback's; every other
/// name does not exist. Records that tell of other ways to a name (AAAA, HTTPS, SVCB) are answered
/// empty, other types refused.
DnsOutcome answer_dns(std::span<const uint8_t> query, const HostPolicy& policy, NameMap& names);

}  // namespace srt::net
