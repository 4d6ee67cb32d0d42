#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/stage/stage_message.h"

namespace srt::stage {

/// Sends `report` to the launcher, with descriptor `passed` unless that is negative. A launcher
/// that cannot be reached is dead, which the lifeline tells.
void send_report(const StageReport& report, int passed = -1);

/// Sends a report of what failed before the command ran; `result` is -errno or 0.
void send_failure(StageFailure failure, long result, std::uint32_t subject = 0);

/// Sends `report` with texts behind it, each with an end mark. It is lost when the launcher does
/// not keep up: nobody waits for a report.
void send_report(const StageReport& report, std::span<const std::string_view> texts);

/// Sends `report` and `passed` over the socket `to`; 0 or -errno.
long send_report_to(int to, const StageReport& report, int passed);

/// Receives a report from the socket `from`, and a descriptor into `passed` if one came with it.
/// Its size, 0 at the end of the stream, or -errno.
long receive_report_from(int from, StageReport& report, int& passed);

}  // namespace srt::stage
