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

}  // namespace srt::glob
