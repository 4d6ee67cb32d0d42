#include "runtime/seatbelt/sandbox_exec.h"

namespace srt {

// Alone in its file, so that a test program can have one of its own.
const char* sandbox_exec_program() { return "/usr/bin/sandbox-exec"; }

}  // namespace srt
