#pragma once

#include <utility>

#include "compiler/ir/policy.h"

namespace srt::compare {

/// Two policies of one target whose rules speak of the same parameters and anchors by the same
/// numbers: those of `before`, to which those that `after` alone has are added.
struct Frame {
  ir::Policy before;
  ir::Policy after;
};

/// A declared parameter is the same in both where its name, type and default are; else that of
/// `after` is told apart as `name (new)`, since without a value from the caller they differ.
Frame frame(ir::Policy before, ir::Policy after);

}  // namespace srt::compare
