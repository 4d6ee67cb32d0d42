#pragma once

#include "compiler/frontend/language/ast.h"
#include "compiler/frontend/language/problems.h"
#include "compiler/source/source.h"
#include "grammar/language/PolicyParser.h"

namespace srt::language {

/// Turns the statements that ANTLR could read into ours. Reports words that the language does not
/// have; their statements are left out.
ast::File build(grammar::PolicyParser::FileContext& file, const SourceSet& sources,
                const Offsets& offsets, Problems& problems);

}  // namespace srt::language
