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

namespace {

// Calls `visit` with each pattern of a grant where a directory out of the rule's reach can be moved
// to, until it returns false.
template <typename F>
void for_writable_beyond(const ir::Policy& policy, const ir::Rule& rule, F&& visit) {
  const PathPattern& pattern = rule.paths().pattern;
  const PathPattern reach{pattern.anchor, {pattern.atoms.begin(), first_span(pattern)}, true};
  const std::optional<PathPattern>& within = rule.paths().within;
  const auto is_within_reach = [&](const PathPattern& place) {
    return glob::is_subset({place, {}, {}}, {reach, {}, {}}) &&
           (!within || glob::is_subset({place, {}, {}}, {with_subtree(*within), {}, {}}));
  };
  if (policy.default_of(Operation::write) == Effect::allow && !visit(PathPattern{{}, {}, true})) {
    return;
  }
  for (const ir::Rule& grant : policy.rules) {
    if (grant.operation != Operation::write || grant.effect == Effect::deny) continue;
    const PathPattern& place = grant.paths().pattern;
    if (holds_no_directories(place) || is_within_reach(place)) continue;
    if (!visit(place)) return;
  }
}

}  // namespace

std::vector<PathPattern> writable_beyond(const ir::Policy& policy, const ir::Rule& rule) {
  std::vector<PathPattern> out;
  for_writable_beyond(policy, rule, [&](const PathPattern& place) {
    if (std::find(out.begin(), out.end(), place) == out.end()) out.push_back(place);
    return true;
  });
  return out;
}

bool is_lost_when_moved(const ir::Rule& rule) {
  if (!is_file_operation(rule.operation) || rule.effect == Effect::allow) return false;
  const PathPattern& pattern = rule.paths().pattern;
  const auto first = first_span(pattern);
  if (first == pattern.atoms.end()) return false;
  // A directory between two spans, or one that a span is a part of, can leave the first.
  return first->kind != Atom::Kind::segments || std::any_of(first + 1, pattern.atoms.end(), spans);
}

Reach reach_when_moved(const ir::Policy& policy, const ir::Rule& rule) {
  if (is_lost_when_moved(rule)) return Reach::lost;
  if (!is_file_operation(rule.operation) || rule.effect == Effect::allow) return Reach::stays;
  const PathPattern& pattern = rule.paths().pattern;
  if (first_span(pattern) == pattern.atoms.end()) return Reach::stays;
  Reach out = Reach::stays;
  for_writable_beyond(policy, rule, [&](const PathPattern&) {
    out = Reach::followed;
    return false;
  });
  return out;
}

}  // namespace srt
