#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/ir/policy.h"
#include "compiler/source/source.h"
#include "compiler/verify/report.h"

namespace srt::verify {

/// What a Seatbelt profile is held against.
struct ProfileBasis {
  const ir::Policy& policy;  ///< as it is written, with the reads that write grants imply
  const SourceSet& sources;
  /// A policy that was proved to decide alike, if there is one: rules that decide nothing may be
  /// missing from it, and what they would keep in its place need not stay there.
  const ir::Policy* optimized;
  /// The names under which the launcher passes directories, and which ones.
  const std::vector<std::pair<std::string, Template>>& parameters;
  /// The places of rules of which the compiler said that they come out tighter on macOS.
  const std::vector<Span>& tighter;
  /// What the compiler makes of the policy: what no rule speaks of has to be the same.
  std::string_view expected;
};

/// Reads `profile` back and proves that it decides about reading and writing every path as the
/// policy does, whatever the directories: nothing is allowed that the policy denies, nothing denied
/// that it allows but what was reported and what is the same name to macOS, and no directory can be
/// moved so that what is denied below it is denied no more. Of everything else it says only whether
/// the compiler makes the same of the policy. Adds what it finds to `report`.
void check_profile(std::string_view profile, const ProfileBasis& basis, Report& report);

}  // namespace srt::verify
