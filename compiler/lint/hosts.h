#pragma once

#include "compiler/diag/diagnostic.h"
#include "compiler/lint/lint.h"

namespace srt::lint {

/// Reports what is odd about `connect` grants: a host that anyone can publish under
/// (public_hosts.def), no port, an address beside names, a name whose letters are of several
/// scripts.
void check_hosts(const Subject& subject, Diagnostics& diagnostics);

}  // namespace srt::lint
