#include "compiler/backend/seatbelt/clause.h"

#include <fmt/format.h>

#include "compiler/backend/seatbelt/filter.h"
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

std::vector<std::string> Filter::spell() const {
  if (!is_compound()) return any;
  std::string out = "(require-all\n  " + indented(any_of(any));
  for (const std::string& filter : all) out += "\n  " + indented(filter);
  for (const std::string& filter : none) out += "\n  (require-not " + indented(filter) + ')';
  return {out + ')'};
}

std::string Filter::as_expression() const {
  const std::string filter = any_of(spell());
  return condition.empty() ? filter : fmt::format("(if {} {} nothing)", condition, filter);
}

bool may_overlap(const glob::PathSet& a, const glob::PathSet& b) {
  // Exceptions and conditions are left out: they may not reach every spelling of a name.
  return glob::intersects({folded(a.pattern), {}, {}}, {folded(b.pattern), {}, {}});
}

void separate_compounds(std::vector<Clause>& clauses) {
  for (std::size_t i = clauses.size(); i-- > 0;) {
    Clause& clause = clauses[i];
    if (!clause.filter.is_compound()) continue;
    for (std::size_t j = i + 1; j < clauses.size(); ++j) {
      const Clause& later = clauses[j];
      if (later.effect == clause.effect || !may_overlap(clause.paths, later.paths)) continue;
      if (later.filter.is_compound() || !later.filter.condition.empty()) {
        clause.filter.none.push_back(later.filter.as_expression());
      } else {
        clause.filter.none.insert(clause.filter.none.end(), later.filter.any.begin(),
                                  later.filter.any.end());
      }
    }
  }
}

}  // namespace srt::seatbelt
