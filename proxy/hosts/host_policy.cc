#include "proxy/hosts/host_policy.h"

#include <algorithm>
#include <array>
#include <optional>

namespace srt::net {

namespace {

struct GuardedRange {
  AddressRange range;
  AddressProblem problem;
};

constexpr GuardedRange v4(uint32_t bits, unsigned prefix, AddressProblem problem) {
  return {{IpAddress::v4(bits), prefix}, problem};
}

constexpr GuardedRange v6(const std::array<uint16_t, 8>& groups, unsigned prefix,
                          AddressProblem problem) {
  return {{IpAddress::v6(groups), prefix}, problem};
}

// Addresses that no public name has a reason to point to. The first range that holds an address
// names the problem, so metadata services stand before the link-local ranges around them. Sources:
// IANA special-purpose address registries (RFC 6890), the cloud providers' documentation.
constexpr std::array kGuardedRanges = {
    v4(0xa9fea9fe, 32, AddressProblem::metadata),    // 169.254.169.254: AWS, GCP, Azure and others
    v4(0xa9feaa02, 32, AddressProblem::metadata),    // 169.254.170.2: ECS task credentials
    v4(0xa9feaa17, 32, AddressProblem::metadata),    // 169.254.170.23: EKS pod identity
    v4(0x646464c8, 32, AddressProblem::metadata),    // 100.100.100.200: Alibaba
    v4(0xa83f8110, 32, AddressProblem::metadata),    // 168.63.129.16: Azure wire server
    v4(0xc00000c0, 32, AddressProblem::metadata),    // 192.0.0.192: Oracle
    v4(0x00000000, 8, AddressProblem::unspecified),  // Linux takes 0.0.0.0 for loopback
    v4(0x7f000000, 8, AddressProblem::loopback),
    v4(0xa9fe0000, 16, AddressProblem::link_local),
    v4(0xe0000000, 4, AddressProblem::multicast),
    v4(0xffffffff, 32, AddressProblem::broadcast),
    v6({0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254}, 128, AddressProblem::metadata),  // AWS
    v6({0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23}, 128, AddressProblem::metadata),   // EKS pod identity
    v6({0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254}, 128, AddressProblem::metadata),   // GCP
    v6({0, 0, 0, 0, 0, 0, 0, 0}, 128, AddressProblem::unspecified),
    v6({0, 0, 0, 0, 0, 0, 0, 1}, 128, AddressProblem::loopback),
    v6({0xfe80, 0, 0, 0, 0, 0, 0, 0}, 10, AddressProblem::link_local),
    v6({0xff00, 0, 0, 0, 0, 0, 0, 0}, 8, AddressProblem::multicast),
};

AddressProblem guarded_problem(const IpAddress& address, const IsOwnAddress& is_own) {
  for (const GuardedRange& guarded : kGuardedRanges) {
    if (guarded.range.contains(address)) return guarded.problem;
  }
  const bool own = is_own && is_own(address);
  return own ? AddressProblem::own_address : AddressProblem::none;
}

// Where Linux leads a connection to the unspecified address (ip(7), ipv6(7)).
std::optional<IpAddress> loopback_behind(const IpAddress& address) {
  if (address == IpAddress::v4(0)) return kLoopback4;
  if (address == IpAddress::v6({0, 0, 0, 0, 0, 0, 0, 0})) {
    return kLoopback6;
  }
  return std::nullopt;
}

}  // namespace

HostDecision HostPolicy::decide(const Host& host, uint16_t port) const {
  const HostDecision decision = decide_as_spelled(host, port);
  const auto* address = std::get_if<IpAddress>(&host);
  const auto behind = address == nullptr ? std::nullopt : loopback_behind(*address);
  if (decision.effect == Effect::deny || !behind) return decision;
  return decide_as_spelled(*behind, port);
}

HostDecision HostPolicy::decide_as_spelled(const Host& host, uint16_t port) const {
  const auto last = std::find_if(rules_.rbegin(), rules_.rend(), [&](const HostRule& rule) {
    return matches(rule.pattern, host, port, rule.effect);
  });
  if (last == rules_.rend()) return {fallback_, nullptr};
  return {last->effect, &*last};
}

HostDecision HostPolicy::decide_on_some_port(const HostName& name) const {
  const Host host = name;
  // From the last rule to the first: ports that no later rule decides about.
  std::vector<PortRange> open = {{1, 65535}};
  const HostRule* last = nullptr;
  for (auto rule = rules_.rbegin(); rule != rules_.rend() && !open.empty(); ++rule) {
    const PortRange& ports = rule->pattern.ports;
    if (!matches(rule->pattern, host, ports.first, rule->effect)) continue;
    if (last == nullptr) last = &*rule;
    std::vector<PortRange> left;
    for (const PortRange& range : open) {
      if (range.last < ports.first || ports.last < range.first) {
        left.push_back(range);
        continue;
      }
      if (rule->effect == Effect::allow) return {Effect::allow, &*rule};
      if (range.first < ports.first) {
        left.push_back({range.first, static_cast<uint16_t>(ports.first - 1)});
      }
      if (ports.last < range.last) {
        left.push_back({static_cast<uint16_t>(ports.last + 1), range.last});
      }
    }
    open = std::move(left);
  }
  if (!open.empty() && fallback_ == Effect::allow) return {Effect::allow, nullptr};
  return {Effect::deny, last};
}

const HostRule* HostPolicy::address_rule(const IpAddress& address, uint16_t port) const {
  if (const auto behind = loopback_behind(address)) {
    const HostRule* rule = address_rule(*behind, port);
    if (rule != nullptr && rule->effect == Effect::deny) return rule;
  }
  const auto last = std::find_if(rules_.rbegin(), rules_.rend(), [&](const HostRule& rule) {
    return std::holds_alternative<AddressRange>(rule.pattern.hosts) &&
           matches(rule.pattern, address, port, rule.effect);
  });
  return last == rules_.rend() ? nullptr : &*last;
}

bool HostPolicy::denies_addresses(uint16_t port) const {
  return std::ranges::any_of(rules_, [&](const HostRule& rule) {
    return rule.effect == Effect::deny && rule.pattern.ports.contains(port) &&
           std::holds_alternative<AddressRange>(rule.pattern.hosts);
  });
}

std::string_view describe(AddressProblem problem) {
  switch (problem) {
    case AddressProblem::none:
      return "";
    case AddressProblem::unspecified:
      return "the unspecified address";
    case AddressProblem::loopback:
      return "a loopback address";
    case AddressProblem::metadata:
      return "a cloud metadata service";
    case AddressProblem::link_local:
      return "a link-local address";
    case AddressProblem::multicast:
      return "a multicast address";
    case AddressProblem::broadcast:
      return "the broadcast address";
    case AddressProblem::own_address:
      return "an address of this host";
    case AddressProblem::denied_by_rule:
      return "denied by a rule";
    case AddressProblem::not_loopback:
      return "not a loopback address";
  }
  return "";
}

AddressVerdict check_resolved_address(const HostPolicy& policy, const Host& asked,
                                      const IpAddress& address, uint16_t port,
                                      const IsOwnAddress& is_own) {
  const IpAddress dialed = address.unmapped();
  const HostRule* rule = policy.address_rule(dialed, port);
  const bool denied = rule != nullptr && rule->effect == Effect::deny;
  if (denied) return {AddressProblem::denied_by_rule, rule};

  const auto* name = std::get_if<HostName>(&asked);
  if (name != nullptr && name->is_localhost()) {
    const bool loopback = guarded_problem(dialed, {}) == AddressProblem::loopback;
    if (!loopback) return {AddressProblem::not_loopback};
    const bool named = policy.decide(asked, port).rule != nullptr;
    return {named ? AddressProblem::none : AddressProblem::loopback};
  }

  const HostDecision literal = policy.decide(dialed, port);
  if (literal.rule != nullptr && literal.effect == Effect::allow) return {};

  AddressProblem problem = guarded_problem(dialed, is_own);
  const std::optional<IpAddress> embedded = dialed.embedded_ipv4();
  if (problem == AddressProblem::none && embedded) {
    problem = guarded_problem(*embedded, is_own);
  }
  return {problem};
}

}  // namespace srt::net
