#pragma once

#include <antlr4-runtime.h>

#include <memory>

#include "compiler/frontend/language/problems.h"
#include "compiler/source/source.h"

namespace srt::language {

/// What ANTLR does where it cannot go on: it reports the statement once, in our words, and goes on
/// at its end. All three have to outlive it.
std::shared_ptr<antlr4::ANTLRErrorStrategy> statement_recovery(const SourceSet& sources,
                                                               const Offsets& offsets,
                                                               Problems& problems);

}  // namespace srt::language
