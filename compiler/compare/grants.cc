#include "compiler/compare/grants.h"

#include <algorithm>

#include "proxy/hosts/host.h"

namespace srt::compare {
namespace {

// `host:port`, as examples are written.
bool matches_host(const ir::Rule& rule, const std::string& example) {
  const std::size_t colon = example.rfind(':');
  if (rule.has_parameters() || colon == std::string::npos) return false;
  const Result<net::Host> host = net::canonical_host(example.substr(0, colon));
  const Result<net::PortRange> port = net::parse_port_range(example.substr(colon + 1));
  return host && port && net::matches(rule.hosts(), *host, port->first, rule.effect);
}

// Paths are compared as they are spelled: which of them an example is in depends on directories.
bool names_paths(const ir::Policy& policy, const ir::Rule& rule, const Difference& difference) {
  const std::string spelled = ir::spell_exactly(policy, rule.paths());
  return difference.pattern == spelled ||
         std::find(difference.inside.begin(), difference.inside.end(), spelled) !=
             difference.inside.end();
}

bool is_about(const ir::Policy& policy, const ir::Rule& rule, const Difference& difference) {
  const std::string& example = difference.example;
  if (rule.has_paths()) return names_paths(policy, rule, difference);
  if (rule.operation == Operation::connect) return matches_host(rule, example);
  if (rule.operation == Operation::bind) {
    const Result<net::PortRange> port = net::parse_port_range(example);
    return !rule.has_parameters() && port && rule.ports().contains(port->first);
  }
  return rule.names().matches(example.empty() ? difference.pattern : example);
}

}  // namespace

const ir::Rule* rule_behind(const ir::Policy& policy, const Difference& difference, Effect effect) {
  const auto operation = operation_named(difference.operation);
  if (!operation) return nullptr;
  for (auto rule = policy.rules.rbegin(); rule != policy.rules.rend(); ++rule) {
    // What cannot be read cannot be written.
    const bool is_asked = rule->operation == *operation ||
                          (*operation == Operation::write && rule->operation == Operation::read &&
                           effect == Effect::deny);
    const bool holds = (rule->targets.linux && difference.targets.linux) ||
                       (rule->targets.macos && difference.targets.macos);
    if (!is_asked || !holds || rule->effect != effect || rule->implied) continue;
    if (is_about(policy, *rule, difference)) return &*rule;
  }
  return nullptr;
}

}  // namespace srt::compare
