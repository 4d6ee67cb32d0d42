#pragma once

#include "compiler/ir/policy.h"

namespace srt::ir {

/// Whether two policies say the same, each thing in the same order, wherever it is written: places
/// in the source are not compared.
bool equal_but_for_places(const Policy& a, const Policy& b);

}  // namespace srt::ir
