#include "compiler/backend/seatbelt/path_filter.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/glob/algebra.h"

namespace srt::seatbelt {
namespace {

using glob::Atom;
using glob::PathPattern;
using glob::PathSet;

PathPattern without_subtree(PathPattern pattern) {
  pattern.subtree = false;
  return pattern;
}

PathPattern with_subtree(PathPattern pattern) {
  pattern.subtree = true;
  return pattern;
}

// Everything strictly beneath what the pattern's atoms match.
PathPattern beneath(PathPattern pattern) {
  pattern.atoms.push_back({Atom::Kind::literal, "/"});
  pattern.atoms.push_back({Atom::Kind::character});
  pattern.atoms.push_back({Atom::Kind::run});
  return with_subtree(std::move(pattern));
}

PathSet compared(PathPattern pattern, bool fold) {
  return {fold ? folded(std::move(pattern)) : normalized(std::move(pattern)), {}, {}};
}

constexpr std::string_view kSameDirectory = "start both patterns from the same directory";

class Builder {
 public:
  Builder(const ir::Rule& rule, const ir::Policy& policy, const FilterWriter& writer,
          Diagnostics& diagnostics)
      : rule_(rule),
        policy_(policy),
        writer_(writer),
        diagnostics_(diagnostics),
        is_deny_(rule.effect == Effect::deny),
        pattern_(rule.paths().pattern) {}

  std::optional<Filter> build() {
    filter_.any = {pattern_};
    filter_.letters = is_deny_ ? Letters::folded : Letters::exact;
    if (is_deny_ && widen_names(pattern_.atoms) != pattern_.atoms) {
      report("any text is denied in the place of what is outside ASCII",
             "spell the name in ASCII, with `*` for the rest");
    }
    for (const PathPattern& except : rule_.paths().except) leave_out(except);
    if (rule_.paths().within && !limit_to(*rule_.paths().within)) return std::nullopt;
    return std::move(filter_);
  }

 private:
  void report(std::string_view reason, std::string_view help) {
    diagnostics_.report(Diag::tighter_on_macos, rule_.origin, rule_.text, reason).help = help;
  }

  // An exception holds where the pattern covers a match of its own, and for all beneath that.
  void leave_out(const PathPattern& except) {
    // An allow gives way to every spelling of an exception, a deny to the written one.
    const bool fold = !is_deny_;
    const PathSet top = compared(without_subtree(except), fold);
    const PathSet covered = compared(pattern_, fold);
    if (!glob::intersects(top, covered)) return;
    if (glob::is_subset(top, covered)) {
      leave_out_all(except);
    } else if (except.is_plain() && pattern_.is_plain()) {
      filter_.none.push_back(
          fmt::format("(excepted {} {})", writer_.text_of(except), writer_.text_of(pattern_)));
      filter_.holes.push_back(except);
    } else {
      if (!is_deny_) leave_out_all(except);
      report(fmt::format("where the exception `{}` holds depends on parameters",
                         spell(policy_, except)),
             kSameDirectory);
    }
  }

  void leave_out_all(const PathPattern& except) {
    const Letters letters = is_deny_ ? Letters::exact : Letters::folded;
    for (std::string& filter : writer_.paths(with_subtree(except), letters)) {
      filter_.none.push_back(std::move(filter));
    }
    filter_.holes.push_back(except);
  }

  // Whether the rule can apply at all.
  bool limit_to(const PathPattern& within) {
    const PathSet top = compared(without_subtree(pattern_), is_deny_);
    const PathSet below = compared(beneath(within), is_deny_);
    if (glob::is_subset(top, below)) return true;
    if (!glob::intersects(top, below)) return false;
    if (within.is_plain() && pattern_.is_plain()) {
      filter_.condition =
          fmt::format("(below? {} {})", writer_.text_of(pattern_), writer_.text_of(within));
      return true;
    }
    report("where it applies depends on parameters", kSameDirectory);
    if (!is_deny_) return false;
    // What lies beneath a match that lies beneath `within` lies beneath `within`.
    const std::vector<std::string> filters = writer_.paths(beneath(within), Letters::folded);
    filter_.all.push_back(filters[0]);
    return true;
  }

  const ir::Rule& rule_;
  const ir::Policy& policy_;
  const FilterWriter& writer_;
  Diagnostics& diagnostics_;
  const bool is_deny_;
  const PathPattern& pattern_;
  Filter filter_;
};

}  // namespace

std::optional<Filter> filter_of(const ir::Rule& rule, const ir::Policy& policy,
                                const FilterWriter& writer, Diagnostics& diagnostics) {
  return Builder(rule, policy, writer, diagnostics).build();
}

}  // namespace srt::seatbelt
