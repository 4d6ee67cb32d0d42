#pragma once

#include "compiler/diag/diagnostic.h"
#include "compiler/lint/order.h"

namespace srt::lint {

/// A policy on one target, and what is known of the order of its rules there.
struct Ordered {
  const Subject& subject;
  Order& order;
};

/// Reports each `use` of which later rules take back everything, whatever the values of the
/// parameters and on every target that is looked at (`overridden-module`).
void check_overridden(std::span<const Ordered> targets, Diagnostics& diagnostics);

/// Reports each `use` without which the policy decides everything alike, whatever the values of the
/// parameters and on every target that is looked at (`unused-module`), where that is no
/// `overridden-module`.
void check_unused(std::span<const Ordered> targets, Diagnostics& diagnostics);

}  // namespace srt::lint
