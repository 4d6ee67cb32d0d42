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

}  // namespace

bool can_be_moved_away(const ir::Policy& policy, const ir::Rule& rule) {
  if (!is_file_operation(rule.operation) || rule.effect == Effect::allow) return false;
  const PathPattern& pattern = rule.paths().pattern;
  const auto first = std::find_if(pattern.atoms.begin(), pattern.atoms.end(), spans);
  if (first == pattern.atoms.end()) return false;
  const PathPattern reach{pattern.anchor, {pattern.atoms.begin(), first}, true};
  const bool reach_is_plain = reach.is_plain() && first->kind == Atom::Kind::segments &&
                              std::none_of(first + 1, pattern.atoms.end(), spans);
  const auto is_within_reach = [&](const ir::Rule& grant) {
    return grant.operation != Operation::write || grant.effect == Effect::deny ||
           (reach_is_plain && glob::is_subset(grant.paths(), {reach, {}, {}}));
  };
  return policy.default_of(Operation::write) == Effect::allow ||
         !std::all_of(policy.rules.begin(), policy.rules.end(), is_within_reach);
}

}  // namespace srt
