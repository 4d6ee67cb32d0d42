#pragma once

#include <string_view>

#include "compiler/diag/diagnostic.h"
#include "compiler/ir/policy.h"
#include "compiler/source/source.h"

namespace srt::compare {

/// Reports what `policy` allows and `ceiling` denies, with an example each, on either target
/// (`above-ceiling`): at the rule that grants it, else at `origin`, with the rule of the ceiling
/// that denies it in the help. And what could not be decided (`ceiling-unproved`), at `origin`. The
/// names are those of the policies in messages.
void check_ceiling(const ir::Policy& policy, std::string_view name, const ir::Policy& ceiling,
                   std::string_view ceiling_name, Span origin, Diagnostics& diagnostics);

/// The same for every ceiling that a policy names itself.
void check_ceilings(const ir::Policy& policy, const SourceSet& sources, Diagnostics& diagnostics);

}  // namespace srt::compare
