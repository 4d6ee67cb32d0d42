#pragma once

#include <optional>
#include <string>
#include <utility>

#include "compiler/ir/policy.h"
#include "runtime/bundle/parameters.h"

namespace srt::lint {

/// The name of a person, and of a project in that person's home, that no policy has in it: what is
/// claimed with them holds in the arrangement that nearly every run has, the working directory
/// inside the home directory, and for no reason but the rules.
inline constexpr std::string_view kSampleUser = "srt-sample-user";

/// The value of every parameter in the sample: a home directory as the target has it, the project
/// `work/srt-sample-project` in it, other directories apart. With `fixed` one of them has this
/// value instead, and defaults follow it.
ParameterValues sample_values(
    const ir::Policy& policy, Target target,
    const std::optional<std::pair<ParameterId, std::string>>& fixed = std::nullopt);

/// The directory of an anchor in the sample.
std::string sample_anchor(const ir::Policy& policy, const ParameterValues& values,
                          glob::AnchorId anchor);

/// The home directory and the working directory of the sample.
std::string sample_home(Target target);
std::string sample_directory(Target target);

}  // namespace srt::lint
