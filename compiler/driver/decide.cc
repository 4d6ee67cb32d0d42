#include "compiler/driver/decide.h"

#include <algorithm>
#include <charconv>

#include "proxy/hosts/host.h"
#include "runtime/caller/subject.h"

namespace srt::driver {
namespace {

constexpr std::uint16_t kDefaultPort = 443;

// No program starts that cannot list the root directory.
constexpr std::string_view kRootIsListed = "the root directory itself can always be listed";
// Nor could what lies in a directory be read if the directory could not be passed through.
constexpr std::string_view kIsPassedThrough =
    "it can be looked up, though not listed: something beneath it can be read";

// Whether some path beneath a directory can be read, by a rule that starts at an anchor too.
bool has_readable_beneath(const PathTable& table, const std::string& path,
                          const std::vector<std::string>& anchors) {
  const auto may_read_beneath = [&](const std::string& directory) {
    PathTable::Position position = table.find(directory, anchors);
    table.step(position, '/');
    return table.range(position).highest != Access::none;
  };
  const auto may_read = [&](const std::string& anchor) {
    if (!anchor.starts_with(path + '/') || anchor.starts_with("//")) return false;
    return table.verdict(table.find(anchor, anchors)).access != Access::none ||
           may_read_beneath(anchor);
  };
  return may_read_beneath(path) || std::any_of(anchors.begin(), anchors.end(), may_read);
}

Result<Decision> decide_path(const Bundle& bundle, const Places& places,
                             const std::string& directory, Operation operation,
                             const std::string& subject) {
  const Result<std::string> path = canonical_path(directory, subject);
  if (!path) return path.error();
  const PathTable& table = bundle.paths;
  const PathTable::Verdict verdict = table.verdict(table.find(*path, places.anchors));
  // What cannot be read cannot be written either, and then the read rule decided.
  const std::uint32_t rule = operation == Operation::read ? verdict.read_rule : verdict.rule();
  const Access wanted = operation == Operation::read ? Access::read : Access::write;
  Decision decision{verdict.access >= wanted ? Effect::allow : Effect::deny, std::nullopt,
                    path->empty() ? "/" : *path};
  if (rule != PathTable::kNoRule) decision.rule = rule;
  if (operation == Operation::read && decision.effect == Effect::deny) {
    if (path->empty()) {
      decision.effect = Effect::allow;
      decision.rule.reset();
      decision.beside = kRootIsListed;
    } else if (has_readable_beneath(table, *path, places.anchors)) {
      decision.beside = kIsPassedThrough;
    }
  }
  return decision;
}

// Splits `host:port`, `[v6]:port`, or a host alone.
Result<std::pair<std::string, std::uint16_t>> split_port(const std::string& subject) {
  const std::size_t colon = subject.rfind(':');
  const bool bracketed = !subject.empty() && subject.back() == ']';
  const bool one_colon = colon != std::string::npos && subject.find(':') == colon;
  const bool after_bracket = colon != std::string::npos && colon > 0 && subject[colon - 1] == ']';
  if (bracketed || !(one_colon || after_bracket)) return std::pair(subject, kDefaultPort);
  std::uint16_t port = 0;
  const char* end = subject.data() + subject.size();
  const auto read = std::from_chars(subject.data() + colon + 1, end, port);
  if (read.ec != std::errc() || read.ptr != end || port == 0) {
    return Error{"`" + subject.substr(colon + 1) + "` is not a port", "ports go from 1 to 65535"};
  }
  return std::pair(subject.substr(0, colon), port);
}

Result<Decision> decide_host(const Bundle& bundle, const std::string& subject) {
  const auto parts = split_port(subject);
  if (!parts) return parts.error();
  const Result<net::Host> host = net::canonical_host(parts->first);
  if (!host) return host.error();
  const net::HostPolicy policy = bundle.host_policy();
  const net::HostDecision decided = policy.decide(*host, parts->second);
  Decision decision{decided.effect, std::nullopt, net::to_authority(*host, parts->second)};
  if (decided.rule != nullptr) decision.rule = decided.rule->rule;
  return decision;
}

std::optional<std::uint32_t> rule_number(std::uint32_t rule) {
  return rule == PathTable::kNoRule ? std::nullopt : std::optional(rule);
}

Decision decided(const Bundle& bundle, Operation operation, std::optional<std::uint32_t> rule,
                 std::string subject) {
  return {rule ? bundle.rules[*rule].effect : bundle.default_of(operation), rule,
          std::move(subject)};
}

// A socket by its path, or by `@` and its abstract name. Rules about paths are in an automaton,
// those about names (`*` speaks of both) are not: the later of the two decides.
Result<Decision> decide_socket(const Bundle& bundle, const Places& places,
                               const std::string& directory, const std::string& subject) {
  const bool is_abstract = subject.starts_with('@');
  const Result<std::string> path = is_abstract ? subject : canonical_path(directory, subject);
  if (!path) return path.error();
  std::optional<std::uint32_t> rule = bundle.name_rule(Operation::unix, *path, Target::linux);
  if (!is_abstract) {
    const PathTable& table = bundle.sockets;
    const PathTable::Verdict verdict = table.verdict(table.find(*path, places.anchors));
    rule = std::max(rule, rule_number(verdict.read_rule));
  }
  return decided(bundle, Operation::unix, rule, *path);
}

Result<Decision> decide_port(const Bundle& bundle, const std::string& subject) {
  const Result<net::PortRange> port = net::parse_port_range(subject);
  if (!port) return port.error();
  if (port->first != port->last) {
    return Error{"`" + subject + "` is not one port", "ask about one at a time"};
  }
  std::optional<std::uint32_t> rule;
  for (std::uint32_t i = 0; i < bundle.rules.size(); ++i) {
    const auto* ports = std::get_if<net::PortRange>(&bundle.rules[i].subject);
    if (ports != nullptr && ports->contains(port->first)) rule = i;
  }
  return decided(bundle, Operation::bind, rule, subject);
}

Result<Decision> decide_name(const Bundle& bundle, Operation operation,
                             const std::string& subject) {
  if (subject.empty()) return Error{"the name is empty", "give one, as in `PATH`"};
  return decided(bundle, operation, bundle.name_rule(operation, subject, Target::linux), subject);
}

}  // namespace

Result<Decision> decide(const Bundle& bundle, const Places& places, const std::string& directory,
                        Operation operation, const std::string& subject) {
  switch (operation) {
    case Operation::read:
    case Operation::write:
      return decide_path(bundle, places, directory, operation, subject);
    case Operation::connect:
      return decide_host(bundle, subject);
    case Operation::bind:
      return decide_port(bundle, subject);
    case Operation::unix:
      return decide_socket(bundle, places, directory, subject);
    case Operation::env:
    case Operation::syscall:
    case Operation::mach:
      break;
  }
  return decide_name(bundle, operation, subject);
}

}  // namespace srt::driver
