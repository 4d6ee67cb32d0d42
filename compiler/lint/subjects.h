#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compiler/ir/policy.h"

/// Claims about rules whose subjects are no paths: hosts, ports and names. All rules of a question
/// are about the same operation, with the same sort of subject.
namespace srt::lint {

/// Whether all that `rule` matches is matched by `by` too.
bool is_covered(const ir::Rule& rule, const ir::Rule& by);

/// The rules of `by` that match together all that `rule` does; nothing where they leave something,
/// or where that is not known: of two names with wildcards only the equal ones are compared.
std::optional<std::vector<std::size_t>> covering(const ir::Rule& rule,
                                                 std::span<const ir::Rule* const> by);

/// Something that `a` and `b` match and none of `without` does, as one asks `srtc explain` for it.
/// Nothing where there is none, or where none was thought of.
std::optional<std::string> common_subject(const ir::Rule& a, const ir::Rule& b,
                                          std::span<const ir::Rule* const> without);

}  // namespace srt::lint
