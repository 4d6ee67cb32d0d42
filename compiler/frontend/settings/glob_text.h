#pragma once

#include <string_view>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/frontend/settings/keys.h"
#include "compiler/glob/pattern.h"
#include "compiler/source/source.h"

namespace srt::settings {

/// Whether a path has a character that wildcards are made of.
bool has_glob_characters(std::string_view text);

/// Whether the brackets in a text spell a set of characters somewhere.
bool has_set(std::string_view text);

/// The steps of a pattern. `text` is absolute, or what follows an anchor: components that each
/// start with `/`, folded. There are several alternatives where a `**/` stands behind other text
/// (`a**/b` is `ab` or `a`, anything and `/b`). None after an error, which is reported at `span`.
std::vector<std::vector<glob::Atom>> parse_glob(std::string_view text, Format format, Span span,
                                                Diagnostics& diagnostics);

/// Appends bytes that stand for themselves.
void append_literal(std::vector<glob::Atom>& atoms, std::string_view bytes);

}  // namespace srt::settings
