#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace srt::lint {

/// What is odd about a label of a host name.
struct LabelProblem {
  std::string reading;  ///< what a person sees, in UTF-8
  std::string what;     ///< a clause
};

/// Looks at a label in punycode (`xn--…`, RFC 3492): one that is no punycode, whose letters are of
/// scripts that no language mixes, or that looks like a label of Latin letters and has none.
/// Nothing for every other label.
std::optional<LabelProblem> problem_of_label(std::string_view label);

}  // namespace srt::lint
