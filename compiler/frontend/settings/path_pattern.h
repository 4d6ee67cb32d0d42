#pragma once

#include <string_view>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/frontend/settings/keys.h"
#include "compiler/glob/pattern.h"
#include "compiler/ir/policy.h"
#include "compiler/source/source.h"
#include "runtime/base/effect.h"

namespace srt::settings {

/// One spelling of a path in a settings file, and where it stands.
struct PathText {
  std::string_view text;
  Span span;
};

/// All patterns that an entry spells in its format's dialect:
/// - `*` and `?` stay inside a component; `[…]` is a set that nothing negates, and text where it
///   spells none; no character escapes another, and `{ }` are plain;
/// - `**/` is any number of directories, `**` beside other text any bytes, `/` included;
/// - relative entries start at the working directory, `~` and `~/…` at the home directory;
/// - a plain path reaches beneath itself, and so does every deny; an allow glob does not;
/// - npm: a trailing `/**` says nothing, and a deny is also each name that its sets spell out;
/// - Rust port: a leading `**` starts at the root, a trailing `/**` makes an allow reach beneath.
///
/// Usually there is one pattern. There are none after an error, which is reported, or where the
/// entry can match nothing.
std::vector<glob::PathPattern> read_pattern(const PathText& entry, Format format, Effect effect,
                                            ir::Policy& policy, Diagnostics& diagnostics);

/// The pattern of an entry that is a name whatever it holds; nothing after an error.
std::vector<glob::PathPattern> read_literal_path(const PathText& entry, ir::Policy& policy,
                                                 Diagnostics& diagnostics);

/// The anchors that paths start at.
glob::AnchorId working_directory(ir::Policy& policy);
glob::AnchorId home_directory(ir::Policy& policy);

}  // namespace srt::settings
