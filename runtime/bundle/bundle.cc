#include "runtime/bundle/bundle.h"

#include <algorithm>

namespace srt {

namespace {

// The pattern that a rule's template comes to.
template <typename Parsed>
Status settle(Bundle::Rule& rule, const std::string& text, const Result<Parsed>& parsed) {
  if (!parsed) {
    return Error{"`" + rule.text + "` is `" + text + "` here: " + parsed.error().message,
                 "give its parameters other values with `--param`"};
  }
  rule.subject = *parsed;
  return ok();
}

}  // namespace

Status Bundle::settle(const ParameterValues& values) {
  for (Rule& rule : rules) {
    if (rule.is_settled()) continue;
    const std::string text = expand(std::get<Template>(rule.subject), values);
    const Status settled = rule.operation == Operation::connect
                               ? srt::settle(rule, text, net::parse_host_pattern(text))
                               : srt::settle(rule, text, net::parse_port_range(text));
    if (!settled) return settled;
  }
  return ok();
}

std::optional<std::uint32_t> Bundle::name_rule(Operation operation, std::string_view subject,
                                               Target target) const {
  for (std::uint32_t i = static_cast<std::uint32_t>(rules.size()); i-- > 0;) {
    const Rule& rule = rules[i];
    if (rule.operation != operation || !rule.targets.has(target)) continue;
    const NamePattern* names = rule.names();
    if (names != nullptr && names->matches(subject)) return i;
  }
  return std::nullopt;
}

bool Bundle::passes_variable(std::string_view variable, Target target) const {
  const std::optional<std::uint32_t> rule = name_rule(Operation::env, variable, target);
  return (rule ? rules[*rule].effect : default_of(Operation::env)) == Effect::allow;
}

bool lane_is_existing(const Bundle& bundle, const PathTable::Lane& lane) {
  for (const std::uint32_t rule : lane.rule) {
    if (rule != PathTable::kNoRule) return bundle.rules[rule].existing;
  }
  return false;
}

net::HostPolicy Bundle::host_policy(Target target) const {
  std::vector<net::HostRule> out;
  for (std::uint32_t i = 0; i < rules.size(); ++i) {
    const net::HostPattern* host = rules[i].host();
    if (!rules[i].is_settled()) out.push_back({Effect::deny, net::HostPattern{}, {}, i});
    if (host != nullptr && rules[i].targets.has(target)) {
      out.push_back({rules[i].effect, *host, rules[i].because, i, rules[i].any_tls_name});
    }
  }
  return net::HostPolicy(std::move(out), default_of(Operation::connect));
}

bool Bundle::allows_network(Target target) const {
  if (default_of(Operation::connect) == Effect::allow) return true;
  return std::any_of(rules.begin(), rules.end(), [&](const Rule& rule) {
    return rule.operation == Operation::connect && rule.effect == Effect::allow &&
           rule.targets.has(target);
  });
}

}  // namespace srt
