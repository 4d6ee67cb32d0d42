#include "compiler/backend/moves.h"

#include <algorithm>

#include "compiler/glob/algebra.h"

namespace srt {
namespace {

using glob::Atom;
using glob::PathPattern;

bool spans(const Atom& atom) {
  return atom.kind == Atom::Kind::segments || atom.kind == Atom::Kind::text;
}

auto first_span(const PathPattern& pattern) {
  return std::find_if(pattern.atoms.begin(), pattern.atoms.end(), spans);
}

PathPattern with_subtree(PathPattern pattern) {
  pattern.subtree = true;
  return pattern;
}

// Nothing can be moved to a file system of devices, and macOS has no /proc.
bool holds_no_directories(const PathPattern& pattern) {
  if (pattern.anchor || pattern.atoms.empty() || pattern.atoms[0].kind != Atom::Kind::literal) {
    return false;
  }
  const std::string path = pattern.atoms[0].bytes + '/';
  return path.starts_with("/dev/") || path.starts_with("/proc/");
}

}  // namespace

PathPattern tail_of(const PathPattern& pattern) {
  return {std::nullopt, {first_span(pattern), pattern.atoms.end()}, pattern.subtree};
}

std::vector<PathPattern> writable_beyond(const ir::Policy& policy, const ir::Rule& rule) {
  const PathPattern& pattern = rule.paths().pattern;
  const PathPattern reach{pattern.anchor, {pattern.atoms.begin(), first_span(pattern)}, true};
  const std::optional<PathPattern>& within = rule.paths().within;
  const auto is_within_reach = [&](const PathPattern& place) {
    return glob::is_subset({place, {}, {}}, {reach, {}, {}}) &&
           (!within || glob::is_subset({place, {}, {}}, {with_subtree(*within), {}, {}}));
  };
  std::vector<PathPattern> out;
  if (policy.default_of(Operation::write) == Effect::allow) out.push_back({{}, {}, true});
  for (const ir::Rule& grant : policy.rules) {
    if (grant.operation != Operation::write || grant.effect == Effect::deny) continue;
    const PathPattern& place = grant.paths().pattern;
    if (holds_no_directories(place) || std::find(out.begin(), out.end(), place) != out.end() ||
        is_within_reach(place)) {
      continue;
    }
    out.push_back(place);
  }
  return out;
}

Reach reach_when_moved(const ir::Policy& policy, const ir::Rule& rule) {
  if (!is_file_operation(rule.operation) || rule.effect == Effect::allow) return Reach::stays;
  const PathPattern& pattern = rule.paths().pattern;
  const auto first = first_span(pattern);
  if (first == pattern.atoms.end()) return Reach::stays;
  // A directory between two spans, or one that a span is a part of, can leave the first.
  const bool is_whole =
      first->kind == Atom::Kind::segments && std::none_of(first + 1, pattern.atoms.end(), spans);
  if (!is_whole) return Reach::lost;
  return writable_beyond(policy, rule).empty() ? Reach::stays : Reach::followed;
}

}  // namespace srt
