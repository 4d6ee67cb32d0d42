#pragma once

#include <cstdint>

#include "compiler/ir/policy.h"
#include "compiler/optimize/tables.h"

namespace srt::optimize {

enum class Proof : std::uint8_t {
  same,       ///< both decide alike, for all values of the parameters
  different,  ///< they do not
  unknown,    ///< that takes too long to say
};

/// Holds two policies against each other that name the same parameters and anchors by the same
/// numbers. Of files every lane of the automata has to match the same, which is more than the same
/// decisions: a launch asks the lanes one by one where links lead. A last lane that says what the
/// default says may be missing.
Proof prove(const ir::Policy& before, const ir::Policy& after, Tables& tables);

}  // namespace srt::optimize
