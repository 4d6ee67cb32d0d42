#pragma once

#include <string>
#include <vector>

#include "compiler/backend/seatbelt/filter.h"
#include "compiler/glob/pattern.h"
#include "compiler/ir/policy.h"
#include "runtime/base/effect.h"

/// Ordered rules about paths as Seatbelt sees them.
namespace srt::seatbelt {

/// Which paths a rule speaks of: those that match one of `any`, each of `all` and none of `none`,
/// provided that `condition`, an expression on parameters, holds where there is one.
struct Filter {
  std::vector<glob::PathPattern> any;
  Letters letters = Letters::exact;
  std::vector<std::string> all = {};
  std::vector<std::string> none = {};
  std::string condition = {};
  std::vector<glob::PathPattern> holes = {};  ///< the exceptions that `none` leaves out

  /// Whether it needs `require-all`.
  bool is_compound() const { return !all.empty() || !none.empty(); }
  /// The filters of a rule that stands under the condition.
  std::vector<std::string> spell(const FilterWriter& writer) const;
  /// One expression that has the condition in it.
  std::string as_expression(const FilterWriter& writer) const;
};

/// One rule.
struct Clause {
  Effect effect;
  Filter filter;
  glob::PathSet paths;                ///< what the policy's rule speaks of
  std::vector<std::string> comments;  ///< the rules that it is made of
  const ir::Rule* rule = nullptr;     ///< none for a default

  bool is_allow() const { return effect == Effect::allow; }
};

/// One filter that matches what any of them does.
std::string any_of(const std::vector<std::string>& filters);

/// A pattern that is the same for all spellings of a name on a volume that does not tell case and
/// Unicode form apart. It covers what the pattern covers.
glob::PathPattern folded(glob::PathPattern pattern);

/// Whether two rules may speak of one path on a volume that does not tell case and Unicode form
/// apart.
bool may_overlap(const glob::PathSet& a, const glob::PathSet& b);

/// Takes out of every compound clause what later clauses of the other effect speak of, so that the
/// decision stays when a compound filter beats a later simple one.
void separate_compounds(std::vector<Clause>& clauses, const FilterWriter& writer);

}  // namespace srt::seatbelt
