#pragma once

#include "compiler/diag/diagnostic.h"
#include "compiler/lint/lint.h"

namespace srt::lint {

/// Reports grants whose pattern has wildcards and ends in a name that looks like a directory's,
/// where no other grant holds for what lies beneath: a plain path would grant that too
/// (`nothing-beneath`).
void check_beneath(const Subject& subject, Diagnostics& diagnostics);

}  // namespace srt::lint
