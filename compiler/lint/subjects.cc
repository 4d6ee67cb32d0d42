#include "compiler/lint/subjects.h"

#include <algorithm>
#include <cstdint>
#include <set>

#include "proxy/hosts/host_pattern.h"

namespace srt::lint {
namespace {

using net::AddressRange;
using net::AnyHost;
using net::HostName;
using net::HostPattern;
using net::PortRange;
using net::Subdomains;

bool covers(const PortRange& outer, const PortRange& inner) {
  return outer.first <= inner.first && inner.last <= outer.last;
}

// Whether the hosts that an effect's pattern `outer` matches hold all those of `inner`.
bool covers_hosts(const HostPattern& outer, Effect outer_effect, const HostPattern& inner,
                  Effect inner_effect) {
  if (outer.hosts == inner.hosts) {
    return outer_effect == Effect::deny || inner_effect == Effect::allow ||
           std::holds_alternative<HostName>(outer.hosts) ||
           std::holds_alternative<Subdomains>(outer.hosts);
  }
  if (std::holds_alternative<AnyHost>(outer.hosts)) {
    if (outer_effect == Effect::deny) return true;
    const auto* name = std::get_if<HostName>(&inner.hosts);
    const auto* names = std::get_if<Subdomains>(&inner.hosts);
    return (name != nullptr && !name->is_localhost()) ||
           (names != nullptr && !names->parent.is_localhost());
  }
  if (const auto* beneath = std::get_if<Subdomains>(&outer.hosts)) {
    const auto* name = std::get_if<HostName>(&inner.hosts);
    const auto* names = std::get_if<Subdomains>(&inner.hosts);
    return (name != nullptr && name->is_subdomain_of(beneath->parent)) ||
           (names != nullptr && names->parent.is_subdomain_of(beneath->parent));
  }
  const auto* range = std::get_if<AddressRange>(&outer.hosts);
  const auto* part = std::get_if<AddressRange>(&inner.hosts);
  // A deny of IPv4 addresses also covers the IPv6 ones that carry them; an allow does not.
  const bool reaches_as_far = outer_effect == Effect::deny || inner_effect == Effect::allow;
  return range != nullptr && part != nullptr && reaches_as_far && range->prefix <= part->prefix &&
         range->contains(part->base);
}

PortRange ports_of(const ir::Rule& rule) {
  return rule.operation == Operation::connect ? rule.hosts().ports : rule.ports();
}

// What follows the ports that the ranges cover together from `first` on.
std::uint32_t end_of_covered(std::uint32_t first, const std::vector<PortRange>& ranges,
                             std::vector<std::size_t>& used) {
  for (bool moved = true; moved;) {
    moved = false;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      if (ranges[i].first > first || ranges[i].last < first) continue;
      first = std::uint32_t{ranges[i].last} + 1;
      used.push_back(i);
      moved = true;
    }
  }
  return first;
}

// Names to try for a pattern: itself, or what its wildcards may stand for.
std::vector<std::string> examples(const NamePattern& pattern) {
  if (pattern.is_literal()) return {pattern.literal()};
  std::vector<std::string> out;
  for (const std::string_view any : {"", "x", "X_X"}) {
    std::string name;
    const std::string& text = pattern.text();
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '*') {
        name += any;
      } else if (text[i] == '\\' && i + 1 < text.size()) {
        name += text[++i];
      } else {
        name += text[i] == '?' ? 'x' : text[i];
      }
    }
    if (!name.empty()) out.push_back(std::move(name));
  }
  return out;
}

std::vector<net::Host> examples(const HostPattern& pattern) {
  std::vector<net::Host> out;
  const auto add = [&](const std::string& text) {
    if (const Result<net::Host> host = net::canonical_host(text)) out.push_back(*host);
  };
  if (const auto* name = std::get_if<HostName>(&pattern.hosts)) {
    out.emplace_back(*name);
  } else if (const auto* names = std::get_if<Subdomains>(&pattern.hosts)) {
    for (const char* label : {"www.", "srt-sample."}) add(label + names->parent.text());
  } else if (const auto* range = std::get_if<AddressRange>(&pattern.hosts)) {
    out.emplace_back(range->base);
  } else {
    for (const char* host : {"srt-sample.example", "www.example.com"}) add(host);
  }
  return out;
}

// Ports at which something may change.
std::set<std::uint16_t> ports_to_try(const ir::Rule& a, const ir::Rule& b,
                                     std::span<const ir::Rule* const> without) {
  std::set<std::uint16_t> ports = {ports_of(a).first, ports_of(b).first};
  for (const ir::Rule* rule : without) {
    if (ports_of(*rule).last != UINT16_MAX) ports.insert(ports_of(*rule).last + 1);
  }
  ports.erase(0);
  if (ports.empty()) ports.insert(1);
  return ports;
}

bool matches(const ir::Rule& rule, const net::Host& host, std::uint16_t port) {
  return net::matches(rule.hosts(), host, port, rule.effect);
}

}  // namespace

bool is_covered(const ir::Rule& rule, const ir::Rule& by) {
  if (rule.has_names()) {
    const NamePattern& name = rule.names();
    const NamePattern& other = by.names();
    return name == other || other.text() == "*" ||
           (name.is_literal() && other.matches(name.literal()));
  }
  if (!covers(ports_of(by), ports_of(rule))) return false;
  return rule.operation != Operation::connect ||
         covers_hosts(by.hosts(), by.effect, rule.hosts(), rule.effect);
}

std::optional<std::vector<std::size_t>> covering(const ir::Rule& rule,
                                                 std::span<const ir::Rule* const> by) {
  // One that covers all says more than several that do.
  for (std::size_t i = 0; i < by.size(); ++i) {
    if (is_covered(rule, *by[i])) return std::vector<std::size_t>{i};
  }
  if (rule.has_names()) return std::nullopt;
  std::vector<PortRange> ranges;
  std::vector<std::size_t> number;
  for (std::size_t i = 0; i < by.size(); ++i) {
    const bool has_hosts = rule.operation != Operation::connect ||
                           covers_hosts(by[i]->hosts(), by[i]->effect, rule.hosts(), rule.effect);
    if (!has_hosts) continue;
    ranges.push_back(ports_of(*by[i]));
    number.push_back(i);
  }
  std::vector<std::size_t> used;
  if (end_of_covered(ports_of(rule).first, ranges, used) <= ports_of(rule).last) {
    return std::nullopt;
  }
  for (std::size_t& i : used) i = number[i];
  return used;
}

std::optional<std::string> common_subject(const ir::Rule& a, const ir::Rule& b,
                                          std::span<const ir::Rule* const> without) {
  if (a.has_names()) {
    for (const ir::Rule* of : {&a, &b}) {
      for (const std::string& name : examples(of->names())) {
        const bool is_left =
            std::none_of(without.begin(), without.end(),
                         [&](const ir::Rule* rule) { return rule->names().matches(name); });
        if (is_left && a.names().matches(name) && b.names().matches(name)) return name;
      }
    }
    return std::nullopt;
  }
  for (const std::uint16_t port : ports_to_try(a, b, without)) {
    if (!ports_of(a).contains(port) || !ports_of(b).contains(port)) continue;
    if (a.operation != Operation::connect) {
      const bool is_left = std::none_of(without.begin(), without.end(), [&](const ir::Rule* rule) {
        return ports_of(*rule).contains(port);
      });
      if (is_left) return std::to_string(port);
      continue;
    }
    for (const ir::Rule* of : {&a, &b}) {
      for (const net::Host& host : examples(of->hosts())) {
        const bool is_left =
            std::none_of(without.begin(), without.end(),
                         [&](const ir::Rule* rule) { return matches(*rule, host, port); });
        if (is_left && matches(a, host, port) && matches(b, host, port)) {
          return net::to_authority(host, port);
        }
      }
    }
  }
  return std::nullopt;
}

}  // namespace srt::lint
