#pragma once

namespace srt {

/// Stops the whole process as stop signal `number` would have, and returns when it goes on.
void stop_process(int number);

}  // namespace srt
