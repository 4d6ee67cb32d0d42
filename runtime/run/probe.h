#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/operation.h"
#include "runtime/base/result.h"

namespace srt {

/// One attempt at a path, which changes nothing: a file is opened, a directory listed; of writing
/// to a directory, and of sockets, pipes and devices, access(2) is asked.
struct Probe {
  Operation operation;  ///< read or write
  std::string path;
};

/// What came of it.
enum class ProbeResult : char { done = 'y', refused = 'n', missing = 'm' };

ProbeResult attempt(const Probe& probe);

/// Probes as the bytes that answer_probes() reads: `r` or `w`, the path, NUL.
std::string encode(const std::vector<Probe>& probes);

/// `srt-run --probe`, inside a sandbox: reads probes from standard input and writes the letter of
/// each result to standard output.
Status answer_probes();

}  // namespace srt
