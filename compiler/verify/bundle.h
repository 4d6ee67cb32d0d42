#pragma once

#include <string_view>

#include "compiler/backend/seccomp/arch.h"
#include "compiler/ir/policy.h"
#include "compiler/source/source.h"
#include "compiler/verify/report.h"
#include "runtime/bundle/bundle.h"

/// An artifact read back and held against the policy it should have come of. Nothing here looks at
/// how artifacts are made. The answers are about sets and not samples: what is proved holds for
/// every path, host, name, system call and arrangement of the directories known at launch.
namespace srt::verify {

/// What a bundle's launcher reads of it, against a policy without errors. Of the Seatbelt profile
/// in it only what `check_profile` does is left to do. `optimized` is a policy that was proved to
/// decide as `policy` does, if there is one: a bundle that is equal to it is equal to both, and
/// that is seen in fewer steps.
Report verify_bundle(const ir::Policy& policy, const SourceSet& sources, const Bundle& bundle,
                     const ir::Policy* optimized = nullptr);

/// A raw seccomp program for `arch`.
Report verify_filter(const ir::Policy& policy, std::string_view bytes, seccomp::Arch arch);

}  // namespace srt::verify
