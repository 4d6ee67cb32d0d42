#pragma once

#include <optional>
#include <string_view>

#include "compiler/verify/sbpl/automaton.h"

namespace srt::verify::sbpl {

/// The paths in which Seatbelt finds the regular expression `text`, or, with `anchor`, those that
/// begin with the directory known at launch and go on with a match of `text`, which is where
/// `^`, the quoted directory and `text` are put together. POSIX extended over bytes: groups,
/// alternatives, `* + ?`, bracket expressions without names and escapes, `^`, `$`, and escaped
/// punctuation. An error for everything else, and for `.`, about which engines disagree.
Result<Automaton> compile_regex(std::optional<glob::AnchorId> anchor, std::string_view text,
                                std::size_t mark_count);

}  // namespace srt::verify::sbpl
