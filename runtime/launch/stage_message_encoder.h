#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/stage/stage_message.h"

namespace srt {

/// A mount point for the stage to check; StageMount with an owned path.
struct CheckedMount {
  std::uint8_t flags;  ///< of StageMount::Flag
  std::string path;
};

/// What encode_stage_message() takes: see StageMessage for the meanings. The lists are borrowed.
struct StageRequest {
  std::uint64_t ignored_signals = 0;
  std::uint64_t blocked_signals = 0;
  std::uint64_t open_files_soft = 0;
  std::uint64_t open_files_hard = 0;
  StageLimits limits = kNoLimits;
  const std::vector<std::uint64_t>& filter;
  const std::vector<std::byte>& guard;
  const std::vector<CheckedMount>& mounts;
  const std::string& private_tmp;
  const std::vector<std::string>& command;
  const std::vector<std::pair<std::string, std::string>>& environment;
};

/// Encodes `request` for decode_stage_message(). Fails when a string holds a NUL byte, a variable's
/// name is empty or holds `=`, or the whole is larger than 64 MiB, which no exec(2) would take.
Result<std::vector<std::byte>> encode_stage_message(const StageRequest& request);

}  // namespace srt
