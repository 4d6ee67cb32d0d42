#include <doctest/doctest.h>

#include "compiler/frontend/front_end.h"
#include "compiler/frontend/language/read_policy.h"
#include "tests/support/patterns.h"

// What is spelled is read back as the same pattern.
namespace srt::ir {
namespace {}  // namespace
}  // namespace srt::ir
