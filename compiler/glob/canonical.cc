#include "compiler/glob/canonical.h"

#include <algorithm>
#include <utility>

#include "compiler/glob/algebra.h"
#include "runtime/base/utf8.h"

namespace srt::glob {
namespace {

using Kind = Atom::Kind;

// A set of one character is that character, and one of all is `?`. A byte that is part of no
// character stays a set: a literal one also matches inside a character.
Atom without_set(Atom atom) {
  if (atom.kind != Kind::set || atom.set.ranges.empty()) return atom;
  const auto& [first, last] = atom.set.ranges[0];
  if (atom.set.ranges.size() == 1 && first == last && first < kInvalidByte) {
    std::string bytes;
    append_utf8(bytes, first);
    return {Kind::literal, std::move(bytes), {}};
  }
  const CharacterSet all = {{{1, '/' - 1}, {'/' + 1, kMaxCodePoint}}};
  return atom.set == all ? Atom{Kind::character, {}, {}} : atom;
}

bool is_loose(const Atom& atom) { return atom.kind == Kind::run || atom.kind == Kind::character; }

}  // namespace

PathPattern canonical(PathPattern pattern) {
  std::vector<Atom> out;
  for (Atom& atom : pattern.atoms) {
    Atom next = without_set(std::move(atom));
    if (!out.empty() && next.kind == Kind::literal && out.back().kind == Kind::literal) {
      out.back().bytes += next.bytes;
      continue;
    }
    if (!out.empty() && next.kind == Kind::run && out.back().kind == Kind::run) continue;
    out.push_back(std::move(next));
    // Of `*` and `?` side by side the order says nothing: `?` first.
    for (std::size_t i = out.size() - 1; i > 0 && out[i].kind == Kind::character; --i) {
      if (!is_loose(out[i - 1]) || out[i - 1].kind == Kind::character) break;
      std::swap(out[i - 1], out[i]);
    }
  }
  pattern.atoms = std::move(out);
  return pattern;
}

bool same_paths(const PathSet& a, const PathSet& b) {
  return a == b || (is_subset(a, b) && is_subset(b, a));
}

}  // namespace srt::glob
