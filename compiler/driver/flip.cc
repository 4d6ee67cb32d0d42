#include "compiler/driver/flip.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "compiler/backend/bundle/bundle.h"
#include "runtime/base/printable.h"

namespace srt::driver {
namespace {

using Subject = ir::Subject;

// Whether an anchor is the working directory or the home directory itself, as people write paths.
bool is_short(const ir::Policy& policy, glob::AnchorId anchor) {
  const std::vector<Template::Piece>& pieces = policy.anchors[anchor].pieces;
  if (pieces.size() != 1 || pieces[0].kind != Template::Piece::Kind::parameter) return false;
  const Parameter::Source source = policy.parameters[pieces[0].parameter].source;
  return source == Parameter::Source::working_directory || source == Parameter::Source::home;
}

// A canonical path, from the innermost of those directories that it lies in.
glob::PathPattern pattern_of(const ir::Policy& policy, const Places& places,
                             const std::string& subject) {
  const std::string path = subject == "/" ? std::string() : subject;
  std::optional<glob::AnchorId> from;
  std::size_t length = 0;
  for (glob::AnchorId anchor = 0; anchor < policy.anchors.size(); ++anchor) {
    const std::string& directory = places.anchors[anchor];
    const bool lies_there = path == directory || path.starts_with(directory + '/');
    if (directory.size() <= length || !lies_there || !is_short(policy, anchor)) continue;
    from = anchor;
    length = directory.size();
  }
  glob::PathPattern out{from, {}, true};
  if (length < path.size()) {
    out.atoms.push_back({glob::Atom::Kind::literal, path.substr(length), {}});
  }
  return out;
}

// A pattern that matches the subject of a request.
std::optional<Subject> pattern_of(const ir::Policy& policy, const Places& places,
                                  Operation operation, const std::string& subject) {
  const bool is_path =
      is_file_operation(operation) || (operation == Operation::unix && !subject.starts_with('@'));
  if (is_path) return glob::PathSet{pattern_of(policy, places, subject), {}, {}};
  if (operation == Operation::connect) {
    const Result<net::HostPattern> host = net::parse_host_pattern(subject);
    return host ? std::optional<Subject>(*host) : std::nullopt;
  }
  if (operation == Operation::bind) {
    const Result<net::PortRange> port = net::parse_port_range(subject);
    return port ? std::optional<Subject>(*port) : std::nullopt;
  }
  const Result<NamePattern> name = NamePattern::parse(subject);
  return name && name->is_literal() ? std::optional<Subject>(*name) : std::nullopt;
}

ir::Rule rule_of(const ir::Policy& policy, Effect effect, Operation operation, Subject subject) {
  ir::Rule rule{effect, operation, std::move(subject), false, false, {}, {}, {}};
  rule.text = ir::spell(policy, rule);
  return rule;
}

bool is_of(const SourceSet& sources, const ir::Rule& rule, std::string_view module) {
  return rule.built_in && sources.file(rule.origin.file).name() == module;
}

// Where a statement has to stand to come behind the rule; empty where any place will do.
std::string place_below(const ir::Policy& policy, const SourceSet& sources,
                        std::optional<std::uint32_t> number) {
  if (!number) return {};
  const ir::Rule& rule = policy.rules[*number];
  if (is_of(sources, rule, "std.world")) return {};
  if (rule.built_in) return fmt::format(" below `use {}`", sources.file(rule.origin.file).name());
  return fmt::format(" below {}", printable(sources.location(rule.origin)));
}

}  // namespace

std::string change_that_flips(const ir::Policy& policy, const SourceSet& sources,
                              const Places& places, const std::string& directory,
                              Operation operation, const Decision& decision) {
  const Effect wanted = decision.effect == Effect::allow ? Effect::deny : Effect::allow;
  if (decision.rule && is_of(sources, policy.rules[*decision.rule], "std.self")) {
    return fmt::format("no statement can {} it: std.self comes last", to_string(wanted));
  }
  const std::optional<Subject> subject = pattern_of(policy, places, operation, decision.subject);
  if (!subject) return {};
  // A write needs the read, so that one or the other or both may be missing.
  std::vector<std::vector<Operation>> tries = {{operation}};
  if (operation == Operation::write && wanted == Effect::allow) {
    tries.push_back({Operation::read});
    tries.push_back({Operation::read, Operation::write});
  }
  const auto own =
      std::find_if(policy.rules.begin(), policy.rules.end(),
                   [&](const ir::Rule& rule) { return is_of(sources, rule, "std.self"); });
  const std::ptrdiff_t at = decision.rule ? *decision.rule + 1 : own - policy.rules.begin();
  for (const std::vector<Operation>& operations : tries) {
    ir::Policy changed = policy;
    std::vector<std::string> statements;
    for (auto missing = operations.rbegin(); missing != operations.rend(); ++missing) {
      ir::Rule rule = rule_of(policy, wanted, *missing, *subject);
      statements.insert(statements.begin(), "`" + rule.text + "`");
      changed.rules.insert(changed.rules.begin() + at, std::move(rule));
    }
    Result<Bundle> bundle = bundle::lower(changed, sources);
    if (!bundle || !bundle->settle(places.values)) continue;
    const Result<Decision> now = decide(*bundle, places, directory, operation, decision.subject);
    if (!now || now->effect != wanted) continue;
    return fmt::format("to {} it: {}{}", to_string(wanted), fmt::join(statements, " and "),
                       place_below(policy, sources, decision.rule));
  }
  return {};
}

}  // namespace srt::driver
