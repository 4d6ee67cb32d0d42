#pragma once

#include "compiler/diag/diagnostic.h"
#include "compiler/lint/lint.h"

namespace srt::lint {

/// Reports what the policy opens of the places in known_places.def: programs and configuration that
/// run outside the sandbox later and can be written, sockets whose servers do more than the sandbox
/// may, credentials that can be read.
void check_places(const Subject& subject, Diagnostics& diagnostics);

/// Reports grants to write one file where its directory cannot be written.
void check_single_files(const Subject& subject, Diagnostics& diagnostics);

}  // namespace srt::lint
