#pragma once

#include "compiler/diag/diagnostic.h"
#include "compiler/source/source.h"

namespace srt::lint {

/// Takes back the messages that a comment in the source silences: `# srt: allow(id, …) reason` at
/// the end of the line that the message points to, or on a line of its own above. `id` is that of a
/// lint, or of a warning about something unused; nothing else can be silenced. In settings the
/// comment begins with `//`. Reports comments that name no lint or give no reason, which silence
/// nothing.
/// With `report_unused`, after all lints have run, also those that silence nothing else.
void apply_silences(Diagnostics& diagnostics, const SourceSet& sources, bool report_unused);

}  // namespace srt::lint
