#pragma once

#include <optional>
#include <string>

#include "compiler/backend/target.h"
#include "compiler/diag/diagnostic.h"
#include "compiler/frontend/front_end.h"
#include "compiler/ir/policy.h"
#include "compiler/optimize/optimize.h"
#include "compiler/source/source.h"
#include "runtime/bundle/bundle.h"

namespace srt::driver {

/// A policy on its way through the compiler: its texts, what was said about them, and the IR.
struct Compilation {
  SourceSet sources;
  Diagnostics diagnostics;
  ir::Policy policy;
};

/// Reads `path` (`-` is standard input) through its front end. The error is that of the file; what
/// is wrong with the policy is in `diagnostics`.
Result<Compilation> load(const std::string& path, const ReadOptions& options = {});

/// The same for a text at hand, which messages call `name`.
Compilation load_text(std::string name, std::string text, const ReadOptions& options = {});

/// A policy without errors that is held against another; nothing after saying what is wrong. Its
/// warnings are for its own compile to tell.
std::optional<Compilation> load_valid(const std::string& path, const std::string& root);

/// What a policy comes to.
struct Lowered {
  Bundle bundle;
  ir::Policy optimized;  ///< what it was made of, proved to decide as the policy that is written
};

/// The bundle of a policy without errors, after these passes of the optimizer. With `targets.macos`
/// the Seatbelt profile is in it. Messages are about the policy as it is written. Nothing when
/// something cannot be compiled, which is reported.
std::optional<Lowered> lower(Compilation& compilation, Targets targets,
                             const optimize::Switches& passes);

/// Prints the messages so far on standard error. Returns whether compilation may go on: there are
/// no errors, and no warnings either with `deny_warnings`.
bool show(const Compilation& compilation, bool deny_warnings);

}  // namespace srt::driver
