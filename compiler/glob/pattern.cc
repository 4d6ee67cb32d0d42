#include "compiler/glob/pattern.h"

#include <algorithm>

namespace srt::glob {

bool PathPattern::is_plain() const {
  return std::all_of(atoms.begin(), atoms.end(),
                     [](const Atom& atom) { return atom.kind == Atom::Kind::literal; });
}

bool CharacterSet::contains(CodePoint c) const {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const auto& range) { return range.first <= c && c <= range.second; });
}

std::string_view first_literal(const PathPattern& pattern) {
  const bool is_literal = !pattern.atoms.empty() && pattern.atoms[0].kind == Atom::Kind::literal;
  return is_literal ? std::string_view(pattern.atoms[0].bytes) : std::string_view();
}

}  // namespace srt::glob
