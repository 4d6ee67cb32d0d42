#include "compiler/backend/seatbelt/clause.h"

#include <fmt/format.h>

#include "compiler/backend/seatbelt/regex.h"
#include "compiler/backend/seatbelt/scheme.h"
#include "compiler/glob/algebra.h"

namespace srt::seatbelt {

using glob::Atom;
using glob::PathPattern;

std::string any_of(const std::vector<std::string>& filters) {
  if (filters.size() == 1) return filters[0];
  return fmt::format("(require-any\n  {})", fmt::join(filters, "\n  "));
}

PathPattern folded(PathPattern pattern) {
  pattern = normalized(std::move(pattern));
  pattern.atoms = widen_names(pattern.atoms);
  for (Atom& atom : pattern.atoms) {
    if (atom.kind == Atom::Kind::set) atom = {Atom::Kind::character};
    for (char& c : atom.bytes) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    }
  }
  return pattern;
}

std::vector<std::string> Filter::spell(const FilterWriter& writer) const {
  const std::vector<std::string> paths = writer.paths(any, letters);
  if (!is_compound()) return paths;
  std::string out = "(require-all\n  " + indented(any_of(paths));
  for (const std::string& filter : all) out += "\n  " + indented(filter);
  for (const std::string& filter : none) out += "\n  (require-not " + indented(filter) + ')';
  return {out + ')'};
}

std::string Filter::as_expression(const FilterWriter& writer) const {
  const std::string filter = any_of(spell(writer));
  return condition.empty() ? filter : fmt::format("(if {} {} nothing)", condition, filter);
}

bool may_overlap(const glob::PathSet& a, const glob::PathSet& b) {
  // Exceptions and conditions are left out: they may not reach every spelling of a name.
  return glob::intersects({folded(a.pattern), {}, {}}, {folded(b.pattern), {}, {}});
}

void separate_compounds(std::vector<Clause>& clauses, const FilterWriter& writer) {
  for (std::size_t i = clauses.size(); i-- > 0;) {
    Clause& clause = clauses[i];
    if (!clause.filter.is_compound()) continue;
    for (std::size_t j = i + 1; j < clauses.size(); ++j) {
      const Clause& later = clauses[j];
      if (later.effect == clause.effect || !may_overlap(clause.paths, later.paths)) continue;
      if (later.filter.is_compound() || !later.filter.condition.empty()) {
        clause.filter.none.push_back(later.filter.as_expression(writer));
      } else {
        for (std::string& filter : later.filter.spell(writer)) {
          clause.filter.none.push_back(std::move(filter));
        }
      }
    }
  }
}

}  // namespace srt::seatbelt
