#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/ir/policy.h"
#include "runtime/bundle/parameters.h"

namespace srt::seatbelt {

/// Seatbelt reads no profile with a longer string literal.
inline constexpr std::size_t kMaxStringBytes = 1025;
/// Seatbelt loads no profile whose patterns take more ("pattern serialization length … exceeds
/// maximum"). Counted here as the bytes of all string literals, and kParameterBytes for each use
/// of a parameter.
inline constexpr std::size_t kMaxPatternBytes = 65'535;
/// What a directory that srt-run passes is taken to add to a pattern.
inline constexpr std::size_t kParameterBytes = 64;

/// A value that the launcher gives with `sandbox-exec -D NAME=VALUE`.
struct ProfileParameter {
  std::string name;
  /// What to pass: the canonical directory, without a trailing `/`; the root directory as `/`,
  /// `kNowhere` as it is.
  Template value;
};

/// The name under which the launcher passes the proxy's port, where `needs_proxy` holds.
inline constexpr char kProxyPort[] = "PROXY_PORT";

/// What the launcher has to pass for the profile of this policy, apart from the proxy's port. A
/// built-in parameter is `HOME CWD TMPDIR USER SRT_PROGRAMS SRT_CACHE SRT_BUNDLE`, `${env.NAME}` is
/// `ENV_NAME`, a declared one has its own name (with a `_` where that is taken). Another anchor is
/// named after its pieces: `${cwd}/..` is `CWD_PARENT`.
std::vector<ProfileParameter> profile_parameters(const ir::Policy& policy);

/// Whether the profile lets the command connect to the proxy: some host is allowed.
bool needs_proxy(const ir::Policy& policy);

/// The profile of a policy, as text for `sandbox-exec -f`. It never allows what the policy denies;
/// where it is tighter than the policy, or cannot be told to hold, that is reported. Implied reads
/// must be in the policy (`ir::add_implied_reads`). Nothing when it would exceed one of Seatbelt's
/// limits, which is reported as an error.
std::optional<std::string> emit(const ir::Policy& policy, Diagnostics& diagnostics);

}  // namespace srt::seatbelt
