#include "tests/unit/compiler/frontend/settings/naive_decision.h"

#include <algorithm>
#include <span>
#include <vector>

#include "runtime/base/utf8.h"

namespace srt::settings {
namespace {

using glob::Atom;
using glob::PathPattern;
using glob::PathSet;

bool match_atoms(std::span<const Atom> atoms, std::string_view text) {
  if (atoms.empty()) return text.empty();
  const Atom& atom = atoms.front();
  const std::span<const Atom> rest = atoms.subspan(1);
  switch (atom.kind) {
    case Atom::Kind::literal:
      return text.starts_with(atom.bytes) && match_atoms(rest, text.substr(atom.bytes.size()));
    case Atom::Kind::character:
    case Atom::Kind::set: {
      if (text.empty() || text[0] == '/') return false;
      const Utf8Unit unit = decode_utf8(text, 0);
      const glob::CodePoint c = unit.valid ? unit.code_point : glob::kInvalidByte + unit.code_point;
      if (atom.kind == Atom::Kind::set && !atom.set.contains(c)) return false;
      return match_atoms(rest, text.substr(unit.length));
    }
    case Atom::Kind::run:
    case Atom::Kind::text:
      for (std::size_t i = 0; i <= text.size(); ++i) {
        if (match_atoms(rest, text.substr(i))) return true;
        if (i < text.size() && text[i] == '/' && atom.kind == Atom::Kind::run) return false;
      }
      return false;
    case Atom::Kind::segments:
      for (std::size_t i = 0;; i = std::min(text.find('/', i + 1), text.size())) {
        if (match_atoms(rest, text.substr(i))) return true;
        if (i == text.size() || text[i] != '/') return false;
      }
  }
  return false;
}

ParameterValues values_of(const ir::Policy& policy, const Place& place) {
  ParameterValues values;
  for (const Parameter& parameter : policy.parameters) {
    values.push_back(parameter.source == Parameter::Source::home ? place.home : place.cwd);
  }
  return values;
}

// Whether the pattern matches the path itself.
bool matches_exactly(const ir::Policy& policy, const PathPattern& pattern, const Place& place,
                     std::string_view path) {
  if (!pattern.anchor) return match_atoms(pattern.atoms, path);
  const std::string anchor = expand(policy.anchors[*pattern.anchor], values_of(policy, place));
  return path.starts_with(anchor) && match_atoms(pattern.atoms, path.substr(anchor.size()));
}

// The path and all directories above it, the root directory being "".
std::vector<std::string_view> with_ancestors(std::string_view path) {
  std::vector<std::string_view> all = {path};
  while (!path.empty()) {
    path = path.substr(0, path.rfind('/'));
    all.push_back(path);
  }
  return all;
}

bool is_strictly_beneath(const ir::Policy& policy, const PathPattern& pattern, const Place& place,
                         std::string_view path) {
  const std::vector<std::string_view> all = with_ancestors(path);
  return std::any_of(all.begin() + 1, all.end(), [&](std::string_view above) {
    return matches_exactly(policy, pattern, place, above);
  });
}

bool contains(const ir::Policy& policy, const PathSet& set, const Place& place,
              std::string_view path) {
  if (!matches(policy, set.pattern, place, path)) return false;
  for (const std::string_view at : with_ancestors(path)) {
    for (const PathPattern& except : set.except) {
      if (matches_exactly(policy, except, place, at) && matches(policy, set.pattern, place, at)) {
        return false;
      }
    }
  }
  if (!set.within) return true;
  const std::vector<std::string_view> all = with_ancestors(path);
  return std::any_of(all.begin(), all.end(), [&](std::string_view at) {
    return matches_exactly(policy, set.pattern, place, at) &&
           is_strictly_beneath(policy, *set.within, place, at);
  });
}

}  // namespace

bool matches(const ir::Policy& policy, const PathPattern& pattern, const Place& place,
             std::string_view path) {
  const std::vector<std::string_view> all = with_ancestors(path);
  return std::any_of(
      all.begin(), pattern.subtree ? all.end() : all.begin() + 1,
      [&](std::string_view at) { return matches_exactly(policy, pattern, place, at); });
}

Effect decide(const ir::Policy& policy, ir::Operation operation, const Place& place,
              std::string_view path) {
  if (operation == ir::Operation::write &&
      decide(policy, ir::Operation::read, place, path) == Effect::deny) {
    return Effect::deny;
  }
  Effect effect = policy.default_of(operation);
  for (const ir::Rule& rule : policy.rules) {
    if (rule.operation != operation) continue;
    if (rule.existing && !place.path_exists) continue;
    if (contains(policy, rule.paths(), place, path)) effect = rule.effect;
  }
  return effect;
}

}  // namespace srt::settings
