#pragma once

#include "compiler/glob/algebra.h"
#include "compiler/ir/policy.h"

namespace srt {

/// Which rules take a guard on Linux: mounts cover what is there when the run starts, and a name
/// that a rule denies and that is not there yet is judged when the command makes it.
class Guarding {
 public:
  explicit Guarding(const ir::Policy& policy);

  /// Whether a name that the rule denies can appear while the command runs.
  bool takes_guard(const ir::Rule& rule) const;

  /// Why names cannot be guarded under this policy: a clause; empty where they can.
  std::string_view obstacle() const { return obstacle_; }

 private:
  bool writes_everywhere_;
  glob::Sets grants_;
  std::string_view obstacle_;
};

/// Whether the policy's filter hands calls that make names over to a guard.
bool guards_names(const ir::Policy& policy);

/// Whether every rule that takes a guard accepts, by its statement, to come out looser where the
/// kernel cannot guard. Rules of modules that are in every policy do not count.
bool accepts_no_guard(const ir::Policy& policy);

}  // namespace srt
