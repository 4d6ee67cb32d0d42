#include "runtime/run/served_ports.h"

#include <algorithm>
#include <array>

#include "runtime/launch/launch.h"

namespace srt {
namespace {

// Where the proxy listens unless a rule wants the port for itself.
constexpr std::uint16_t kProxyPort = 3128;

bool names_loopback(const net::HostPattern& pattern) {
  if (const auto* name = std::get_if<net::HostName>(&pattern.hosts)) return name->is_localhost();
  if (const auto* range = std::get_if<net::AddressRange>(&pattern.hosts)) {
    return is_loopback(range->base);
  }
  return false;
}

// The first of the loopback's names that the policy lets a connection to this port go to.
std::optional<net::Host> loopback_host(const net::HostPolicy& policy, std::uint16_t port) {
  for (const char* name : {"localhost", "127.0.0.1", "::1"}) {
    const Result<net::Host> host = net::canonical_host(name);
    if (host && policy.decide(*host, port).effect == Effect::allow) return *host;
  }
  return std::nullopt;
}

// Whether the last rule about a local port publishes it.
bool is_published(const Bundle& bundle, std::uint32_t port) {
  for (auto rule = bundle.rules.rbegin(); rule != bundle.rules.rend(); ++rule) {
    const net::PortRange* ports = rule->ports();
    if (rule->operation != Operation::bind || !rule->targets.linux || ports == nullptr) continue;
    if (ports->first <= port && port <= ports->last) return rule->publish;
  }
  return false;
}

}  // namespace

std::vector<ServedPort> served_ports(const Bundle& bundle) {
  if (!bundle.allows_network()) return {};
  const net::HostPolicy policy = bundle.host_policy();
  const Bundle::WaysOut& ways = bundle.ways_out;
  const std::size_t proxy_count =
      1U + (ways.http_port != 0 ? 1 : 0) + (ways.socks_port != 0 ? 1 : 0);
  std::vector<ServedPort> ports;
  const auto is_served = [&](std::uint32_t port) {
    return std::any_of(ports.begin(), ports.end(),
                       [&](const ServedPort& served) { return served.port == port; });
  };
  for (const Bundle::Rule& rule : bundle.rules) {
    const net::HostPattern* host_pattern = rule.host();
    if (host_pattern == nullptr || rule.effect == Effect::deny || !rule.targets.linux ||
        !names_loopback(*host_pattern)) {
      continue;
    }
    const auto [first, last] = host_pattern->ports;
    if (last - first >= static_cast<int>(kMaxRange)) continue;
    for (std::uint32_t port = first; port <= last; ++port) {
      const auto number = static_cast<std::uint16_t>(port);
      const std::optional<net::Host> host = loopback_host(policy, number);
      if (port == 0 || !host || is_served(port) || ports.size() + proxy_count == kMaxPorts) {
        continue;
      }
      ports.push_back({number, ServedPort::Kind::loopback, host});
    }
  }
  std::uint16_t next = kProxyPort;
  std::vector<ServedPort> proxies;
  const auto add = [&](ServedPort::Kind kind, std::uint16_t external_port) {
    while (is_served(next) || is_published(bundle, next)) ++next;
    proxies.push_back({next++, kind, {}, external_port});
  };
  add(ServedPort::Kind::proxy, 0);
  if (ways.http_port != 0) add(ServedPort::Kind::http, ways.http_port);
  if (ways.socks_port != 0) add(ServedPort::Kind::socks, ways.socks_port);
  ports.insert(ports.begin(), proxies.begin(), proxies.end());
  return ports;
}

Result<std::vector<std::uint16_t>> published_ports(const Bundle& bundle) {
  std::vector<std::uint16_t> ports;
  for (const Bundle::Rule& rule : bundle.rules) {
    const net::PortRange* range = rule.ports();
    if (!rule.publish || !rule.targets.linux || range == nullptr) continue;
    for (std::uint32_t port = std::max<std::uint32_t>(range->first, 1); port <= range->last;
         ++port) {
      const auto number = static_cast<std::uint16_t>(port);
      if (!is_published(bundle, port) || std::ranges::find(ports, number) != ports.end()) continue;
      if (ports.size() == kMaxPublishedPorts) {
        return Error{
            "the policy publishes more than " + std::to_string(kMaxPublishedPorts) + " ports",
            "publish those that the command serves"};
      }
      ports.push_back(number);
    }
  }
  std::ranges::sort(ports);
  for (const ServedPort& served : served_ports(bundle)) {
    if (std::ranges::find(ports, served.port) == ports.end()) continue;
    return Error{"port " + std::to_string(served.port) +
                     " cannot both be published and be the host's, as `allow connect` has it",
                 "remove one of the two rules"};
  }
  return ports;
}

CapturedPorts captured_ports(const Bundle& bundle) {
  CapturedPorts captured;
  for (std::uint32_t i = 0; i < bundle.rules.size(); ++i) {
    const Bundle::Rule& rule = bundle.rules[i];
    const net::HostPattern* pattern = rule.host();
    if (pattern == nullptr || rule.effect == Effect::deny || !rule.targets.linux ||
        names_loopback(*pattern)) {
      continue;
    }
    const auto [first, last] = pattern->ports;
    std::vector<std::uint16_t> wanted;
    for (std::uint32_t port = std::max<std::uint32_t>(first, 1);
         port <= last && wanted.size() <= kMaxRange; ++port) {
      const auto number = static_cast<std::uint16_t>(port);
      if (std::ranges::find(captured.ports, number) == captured.ports.end()) {
        wanted.push_back(number);
      }
    }
    if (wanted.size() > kMaxRange || captured.ports.size() + wanted.size() > kMaxCaptured) {
      captured.rules_beyond.push_back(i);
      continue;
    }
    captured.ports.insert(captured.ports.end(), wanted.begin(), wanted.end());
  }
  return captured;
}

std::uint16_t port_of(const std::vector<ServedPort>& ports, ServedPort::Kind kind) {
  const auto found = std::find_if(ports.begin(), ports.end(),
                                  [&](const ServedPort& served) { return served.kind == kind; });
  return found == ports.end() ? std::uint16_t{0} : found->port;
}

}  // namespace srt
