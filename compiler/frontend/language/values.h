#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "compiler/diag/diagnostic.h"
#include "compiler/frontend/language/ast.h"
#include "compiler/ir/options.h"
#include "runtime/base/limit.h"

namespace srt::language {

/// The limit that an entry names and its value in bytes, seconds or things. Nothing after an error,
/// which is reported.
std::optional<std::pair<Limit, std::uint64_t>> read_limit(const ast::LimitList::Entry& entry,
                                                          Diagnostics& diagnostics);

/// The option that a statement names and its value. Nothing after an error, which is reported.
std::optional<std::pair<ir::OptionKind, std::string>> read_option(const ast::Option& option,
                                                                  Diagnostics& diagnostics);

}  // namespace srt::language
