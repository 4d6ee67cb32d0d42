#pragma once

#include "runtime/base/result.h"

namespace srt {

/// Opens /dev/null on those of the descriptors 0 to 2 that are closed. To be called first thing in
/// a program that launches: otherwise its first socket becomes the command's standard input.
Status reserve_standard_descriptors();

}  // namespace srt
