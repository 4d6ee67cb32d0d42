#include "tests/support/naive_matcher.h"

#include <algorithm>

#include "runtime/base/utf8.h"

namespace srt::test {
namespace {

using glob::Atom;
using glob::PathPattern;
using ir::Operation;

// Whether a character of the path, or a byte that is part of none, begins at `at`.
bool begins_unit(std::string_view text, std::size_t at) {
  std::size_t unit = 0;
  while (unit < at) unit += decode_utf8(text, unit).length;
  return unit == at;
}

bool matches_from(const std::vector<Atom>& atoms, std::size_t index, std::string_view text,
                  std::size_t at) {
  if (index == atoms.size()) return at == text.size();
  const Atom& atom = atoms[index];
  const std::string_view rest = text.substr(at);
  const auto rest_matches = [&](std::size_t taken) {
    return matches_from(atoms, index + 1, text, at + taken);
  };
  switch (atom.kind) {
    case Atom::Kind::literal:
      return rest.starts_with(atom.bytes) && rest_matches(atom.bytes.size());
    case Atom::Kind::character:
    case Atom::Kind::set: {
      if (rest.empty() || rest[0] == '/' || !begins_unit(text, at)) return false;
      const Utf8Unit unit = decode_utf8(rest, 0);
      const glob::CodePoint c = unit.valid ? unit.code_point : glob::kInvalidByte + unit.code_point;
      const bool member =
          atom.kind == Atom::Kind::character ||
          std::any_of(atom.set.ranges.begin(), atom.set.ranges.end(),
                      [&](const auto& range) { return range.first <= c && c <= range.second; });
      return member && rest_matches(unit.length);
    }
    case Atom::Kind::run:
      for (std::size_t taken = 0;; ++taken) {
        if (rest_matches(taken)) return true;
        if (taken == rest.size() || rest[taken] == '/') return false;
      }
    case Atom::Kind::segments:
      if (rest_matches(0)) return true;
      for (std::size_t end = 1; end <= rest.size(); ++end) {
        const bool component_ends = end == rest.size() || rest[end] == '/';
        if (rest[0] != '/' || !component_ends) continue;
        if (rest[end - 1] == '/') return false;  // an empty component
        if (rest_matches(end)) return true;
      }
      return false;
    case Atom::Kind::text:
      for (std::size_t taken = 0; taken <= rest.size(); ++taken) {
        if (rest_matches(taken)) return true;
      }
      return false;
  }
  return false;
}

// Whether the pattern's atoms match the path itself.
bool matches_top(const PathPattern& pattern, std::string_view path, const AnchorValues& anchors) {
  const std::string_view anchor = pattern.anchor ? anchors[*pattern.anchor] : std::string_view();
  return path.starts_with(anchor) && matches(pattern.atoms, path.substr(anchor.size()));
}

bool matches_pattern(const PathPattern& pattern, std::string_view path,
                     const AnchorValues& anchors) {
  if (!pattern.subtree) return matches_top(pattern, path, anchors);
  const std::vector<std::string_view> tops = prefixes(path);
  return std::any_of(tops.begin(), tops.end(),
                     [&](std::string_view top) { return matches_top(pattern, top, anchors); });
}

bool is_within(const PathPattern& within, const PathPattern& pattern, std::string_view path,
               const AnchorValues& anchors) {
  for (const std::string_view top : prefixes(path)) {
    if (!pattern.subtree && top != path) continue;
    if (!matches_top(pattern, top, anchors)) continue;
    for (const std::string_view above : prefixes(top)) {
      if (above != top && matches_top(within, above, anchors)) return true;
    }
  }
  return false;
}

}  // namespace

std::vector<std::string_view> prefixes(std::string_view path) {
  std::vector<std::string_view> out;
  for (std::size_t end = 0; end <= path.size(); ++end) {
    if (end == path.size() || path[end] == '/') out.push_back(path.substr(0, end));
  }
  return out;
}

bool matches(const std::vector<Atom>& atoms, std::string_view text) {
  return matches_from(atoms, 0, text, 0);
}

bool matches(const glob::PathSet& paths, std::string_view path, const AnchorValues& anchors) {
  if (!matches_pattern(paths.pattern, path, anchors)) return false;
  for (const PathPattern& except : paths.except) {
    for (const std::string_view top : prefixes(path)) {
      if (matches_top(except, top, anchors) && matches_pattern(paths.pattern, top, anchors)) {
        return false;
      }
    }
  }
  return !paths.within || is_within(*paths.within, paths.pattern, path, anchors);
}

Effect decide(const ir::Policy& policy, Operation operation, std::string_view path,
              const AnchorValues& anchors) {
  const auto last_match = [&](Operation wanted) -> const ir::Rule* {
    const ir::Rule* last = nullptr;
    for (const ir::Rule& rule : policy.rules) {
      if (rule.operation != wanted || rule.implied) continue;
      if (matches(rule.paths(), path, anchors)) last = &rule;
    }
    return last;
  };
  const auto is_granted_write = [&](const ir::Rule& rule) {
    return rule.operation == Operation::write && rule.effect == Effect::allow &&
           matches(rule.paths(), path, anchors);
  };
  const ir::Rule* const read = last_match(Operation::read);
  Effect readable = read ? read->effect : policy.default_of(Operation::read);
  if (!read && std::any_of(policy.rules.begin(), policy.rules.end(), is_granted_write)) {
    readable = Effect::allow;
  }
  if (operation == Operation::read || readable == Effect::deny) return readable;
  const ir::Rule* const write = last_match(Operation::write);
  return write ? write->effect : policy.default_of(Operation::write);
}

}  // namespace srt::test
