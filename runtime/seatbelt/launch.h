#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/seatbelt/launch_signals.h"

namespace srt {

/// Everything that is decided about a run on macOS before anything starts.
struct SeatbeltLaunch {
  std::vector<std::string> words;  ///< of sandbox-exec: sandbox_exec_words()
  /// Names and values; complete, nothing is inherited.
  std::vector<std::pair<std::string, std::string>> environment;
};

/// Runs the command and returns the exit status to end with: sandbox-exec's, which becomes the
/// command, or 128+N when signal N ended it. Meanwhile `io` runs; signals are passed on, but for
/// those that the terminal sends to the whole foreground group; when the command stops so does this
/// process, and both go on together. An error means that nothing was executed.
///
/// `started` is called when the command is a process of its own. It has descriptors 0 to 2 and no
/// others. It stays in this process's group.
Result<int> launch_seatbelt(const SeatbeltLaunch& launch, LaunchSignals& signals,
                            asio::io_context& io, const std::function<void()>& started);

}  // namespace srt
