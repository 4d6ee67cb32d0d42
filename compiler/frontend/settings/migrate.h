#pragma once

#include <string>

#include "compiler/diag/diagnostic.h"
#include "compiler/ir/policy.h"

namespace srt::settings {

/// What to do about a rule that the policy language has no words for.
enum class Inexact : std::uint8_t {
  refuse,   ///< report it
  tighter,  ///< write one that denies more, with a comment that says where
};

/// A policy that `read_policy` made from settings, in the policy language: a text that decides
/// about every request alike, for all values of the parameters. The language has no `**` beside
/// text: such a pattern becomes several, which with exceptions may together deny more.
std::string write_policy(const ir::Policy& policy, Inexact inexact, Diagnostics& diagnostics);

}  // namespace srt::settings
