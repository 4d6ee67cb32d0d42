#pragma once

#include "compiler/diag/diagnostic.h"
#include "compiler/lint/lint.h"

namespace srt::lint {

/// How many rules these lints look at, and how many pairs of path patterns they compare by their
/// automata: some seconds' worth. Of what exceeds it nothing is claimed.
inline constexpr std::size_t kMaxOrderedRules = 2000;
inline constexpr std::size_t kMaxComparisons = 1000;

/// Reports each `allow` that opens again what a `deny` before it closes: all of it, or a part while
/// the `allow` reaches further. An `allow` inside a `deny` is an exception, and meant.
/// Settings have a precedence of their own and are left out.
void check_reopened(const Subject& subject, Diagnostics& diagnostics);

/// Reports each rule that never decides because one rule below covers it, for all values of the
/// parameters. Also not for settings.
void check_dead(const Subject& subject, Diagnostics& diagnostics);

}  // namespace srt::lint
