#pragma once

#include <string>
#include <string_view>

#include "compiler/diag/diagnostic.h"
#include "compiler/ir/policy.h"
#include "runtime/base/target.h"

namespace srt {

/// How well a target's artifact expresses a rule.
struct Fidelity {
  enum class Verdict {
    exact,      ///< the artifact decides as the policy does
    tighter,    ///< it denies something that the policy allows
    at_launch,  ///< exact for what exists at launch; names that appear later cannot be guarded
    looser,     ///< the command can come to do something that the policy denies
  };

  Verdict verdict = Verdict::exact;
  std::string reason = {};  ///< why it is not exact: a clause; empty when it is
};

constexpr std::string_view to_string(Fidelity::Verdict verdict) {
  switch (verdict) {
    case Fidelity::Verdict::tighter:
      return "tighter";
    case Fidelity::Verdict::at_launch:
      return "at launch";
    case Fidelity::Verdict::looser:
      return "looser";
    case Fidelity::Verdict::exact:
      break;
  }
  return "exact";
}

/// Why `allow bind *` is tighter on macOS.
inline constexpr std::string_view kNoOwnPorts =
    "the command cannot connect to its own ports, or it would reach all of the host's";

/// How `target` expresses one of the policy's rules.
Fidelity fidelity(const ir::Policy& policy, const ir::Rule& rule, Target target);

/// Reports what cannot be enforced on one of `targets` as errors, and as warnings what opens the
/// sandbox where it is closed otherwise.
void check_enforceable(const ir::Policy& policy, Targets targets, Diagnostics& diagnostics);

/// Reports as errors what a Seatbelt profile that is used without srt-run leaves open: rules about
/// the environment.
void check_profile_alone(const ir::Policy& policy, Diagnostics& diagnostics);

/// Reports the rules that Linux does not express exactly: tighter ones as warnings, but for those
/// of built-in modules, others as notes, but for those of `std.world` and `std.self`, which nobody
/// asked for, and those that the rule accepts. What Seatbelt does not express is reported where the
/// profile is made.
void report_fidelity(const ir::Policy& policy, const SourceSet& sources, Diagnostics& diagnostics);

}  // namespace srt
