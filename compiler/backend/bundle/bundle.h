#pragma once

#include <optional>
#include <string>

#include "compiler/ir/policy.h"
#include "compiler/source/source.h"
#include "runtime/bundle/bundle.h"

namespace srt::bundle {

/// What the launcher needs of a policy, in the launcher's terms: rules with their places, path
/// rules as an automaton, one seccomp program per architecture. The Seatbelt part is left empty. An
/// error when the path rules need more states than a bundle can hold; then `costliest`, where it is
/// given, is the number of the rule that needs most of them. `paths` is what `ir::build_path_table`
/// makes of the policy, where that is known.
Result<Bundle> lower(const ir::Policy& policy, const SourceSet& sources,
                     std::size_t* costliest = nullptr, std::optional<PathTable> paths = {});

/// The bytes of a `.srtb` file. Equal bundles give equal bytes: no time, host or build path is in
/// them. `read_bundle` of the result gives an equal bundle.
std::string encode(const Bundle& bundle);

/// The bundle as text that people and golden files read: one section for each part, stable.
std::string to_text(const Bundle& bundle);

/// A seccomp program as text.
std::string to_text(const Bundle::Filter& filter);

/// The sections of `to_text`, by name.
std::vector<std::string_view> section_names();

/// One section; nothing when there is none of that name.
std::optional<std::string> section_text(const Bundle& bundle, std::string_view name);

}  // namespace srt::bundle
