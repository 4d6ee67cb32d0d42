#pragma once

#include "compiler/diag/diagnostic.h"
#include "compiler/frontend/language/uses.h"
#include "compiler/ir/policy.h"
#include "compiler/source/source.h"

namespace srt::language {

/// Appends what the statements of `file`, which is begun, say to `policy`: the rules of modules and
/// files where they are used. Everything that does not make sense is reported.
void lower(FileId file, Uses& uses, ir::Policy& policy, Diagnostics& diagnostics);

}  // namespace srt::language
