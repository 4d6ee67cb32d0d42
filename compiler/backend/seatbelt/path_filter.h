#pragma once

#include <optional>

#include "compiler/backend/seatbelt/clause.h"
#include "compiler/backend/seatbelt/filter.h"
#include "compiler/diag/diagnostic.h"
#include "compiler/ir/policy.h"

namespace srt::seatbelt {

/// The paths of a path rule, its exceptions and condition included, or fewer for an allow, or more
/// for a deny, which is reported. Nothing when the rule never applies or would have to be looser.
std::optional<Filter> filter_of(const ir::Rule& rule, const ir::Policy& policy,
                                const FilterWriter& writer, Diagnostics& diagnostics);

}  // namespace srt::seatbelt
