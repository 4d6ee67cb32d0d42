#pragma once

#include <string>
#include <vector>

namespace srt::seatbelt {

/// What rules say as a comment of few lines: patterns of one kind of rule as a list, names of one
/// directory in braces. Each text is a rule as the policy spells it, perhaps with a remark after a
/// comma. Lines begin with `; `.
std::vector<std::string> comment_of(const std::vector<std::string>& texts);

}  // namespace srt::seatbelt
