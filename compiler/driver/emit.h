#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/ir/policy.h"
#include "compiler/optimize/optimize.h"
#include "runtime/base/result.h"
#include "runtime/bundle/bundle.h"

namespace srt::driver {

/// The kinds that `--emit` knows.
std::span<const std::string_view> emit_kinds();

/// What a kind needs beside the bundle.
struct EmitContext {
  std::string arch;                                             ///< empty for this machine's
  std::vector<std::pair<std::string, std::string>> parameters;  ///< for what depends on the place
  const ir::Policy& policy;                                     ///< as it is written, for `stats`
  const optimize::Switches& passes;
};

/// The text of one kind: `sb`, `bundle-text`, `bwrap` (the mounts that a run would make here and
/// now, one argument a line), `seccomp`, `ir`, or `stats` (stats.h).
Result<std::string> emit(const Bundle& bundle, std::string_view kind, const EmitContext& context);

/// The seccomp program for an architecture (empty for this machine's) as the kernel and
/// `bwrap --seccomp` read it.
Result<std::string> raw_filter(const Bundle& bundle, const std::string& arch);

}  // namespace srt::driver
