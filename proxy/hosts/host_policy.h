#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/hosts/host.h"
#include "proxy/hosts/host_pattern.h"
#include "runtime/base/effect.h"

namespace srt::net {

/// A `connect` rule of a policy.
struct HostRule {
  Effect effect = Effect::deny;
  HostPattern pattern;
  /// The rule's `because`, for whoever is refused; may be empty.
  std::string reason = {};
  /// Index of the rule in the policy that it comes from.
  uint32_t rule = 0;
  /// Of an allow: TLS may name another host than the one asked for.
  bool any_tls_name = false;
};

/// What a policy says about a request. `rule` is the rule that decided, owned by the policy; null
/// when none matched and the default holds.
struct HostDecision {
  Effect effect;
  const HostRule* rule;
};

/// The `connect` rules of a policy, in their order.
class HostPolicy {
 public:
  /// A policy in which the last matching rule wins, `fallback` where none matches.
  explicit HostPolicy(std::vector<HostRule> rules, Effect fallback = Effect::deny)
      : rules_(std::move(rules)), fallback_(fallback) {}

  /// Decides about a request for `host` as it was spelled: a name is not looked up here. The
  /// unspecified addresses lead to loopback and are allowed only where both are.
  HostDecision decide(const Host& host, uint16_t port) const;

  /// Whether a request for `name` is allowed on some port, with a rule that allows one; the rule of
  /// a denial is the last one that names it.
  HostDecision decide_on_some_port(const HostName& name) const;

  /// The last rule whose pattern is an address range that holds `address`; null when there is none.
  /// Unlike `decide`, it leaves `*` out: `deny *` before `allow example.com` says nothing about the
  /// addresses of that name.
  const HostRule* address_rule(const IpAddress& address, uint16_t port) const;

  /// Whether a rule denies addresses on this port, so that what a name leads to has to be known.
  bool denies_addresses(uint16_t port) const;

 private:
  HostDecision decide_as_spelled(const Host& host, uint16_t port) const;

  std::vector<HostRule> rules_;
  Effect fallback_;
};

/// Why an address may not be dialed.
enum class AddressProblem : uint8_t {
  none,
  unspecified,
  loopback,
  metadata,
  link_local,
  multicast,
  broadcast,
  own_address,
  denied_by_rule,
  not_loopback,
};

/// The problem in words that complete "the address is …"; empty for `none`.
std::string_view describe(AddressProblem problem);

/// The result of the resolved-address check. `rule` is set for `denied_by_rule` only; it belongs to
/// the policy.
struct AddressVerdict {
  AddressProblem problem = AddressProblem::none;
  const HostRule* rule = nullptr;

  bool allowed() const { return problem == AddressProblem::none; }
};

/// Whether an address is this host's own. Where there is none, no address is.
using IsOwnAddress = std::function<bool(const IpAddress&)>;

/// Whether a connection that `policy` allows for `asked` and `port` may go to `address`, one of the
/// addresses that the name has, or the address asked for itself. Refused are loopback, unspecified,
/// link-local, multicast, broadcast and cloud metadata addresses, those that `is_own` holds for,
/// and those that an address rule denies; an address that is itself allowed by a rule passes. IPv6
/// addresses that carry an IPv4 address are judged by both. `localhost` and names beneath it, where
/// a rule allows them, pass with loopback addresses and no others.
AddressVerdict check_resolved_address(const HostPolicy& policy, const Host& asked,
                                      const IpAddress& address, uint16_t port,
                                      const IsOwnAddress& is_own);

}  // namespace srt::net
