#pragma once

#include <string_view>
#include <vector>

namespace srt::language {

/// The names of the built-in modules, sorted: `std.base`, `std.protect`, …
std::vector<std::string_view> module_names();

/// The text of a built-in module, a policy with a comment that says what it is for; empty for a
/// name that is none.
std::string_view module_text(std::string_view name);

}  // namespace srt::language
