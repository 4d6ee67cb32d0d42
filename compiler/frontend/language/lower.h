#pragma once

#include "compiler/diag/diagnostic.h"
#include "compiler/frontend/language/ast.h"
#include "compiler/ir/policy.h"
#include "compiler/source/source.h"

namespace srt::language {

/// Appends what the statements say to `policy`, the rules of modules where they are used. The texts
/// of modules are added to `sources`. Everything that does not make sense is reported.
void lower(const ast::File& file, SourceSet& sources, ir::Policy& policy, Diagnostics& diagnostics);

}  // namespace srt::language
