#pragma once

#include <sys/types.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/unique_fd.h"
#include "runtime/stage/stage_message.h"

namespace srt {

/// The most descriptors that one report carries.
inline constexpr std::size_t kMaxPassedDescriptors = 4;

/// Sends `report` and at most kMaxPassedDescriptors `descriptors` as one packet over the socket
/// `fd`. Returns 0 or an errno. Allocates nothing.
int send_report(int fd, const StageReport& report, std::span<const int> descriptors);

/// What arrived on a control socket.
struct ReceivedReport {
  StageReport report;
  std::vector<UniqueFd> descriptors;
  std::string texts;  ///< what followed the report: texts, each with an end mark
};

/// Receives one packet from the socket `fd`. Returns its size, 0 at the end of the stream, or -1
/// with errno set; `received` is filled when the size is that of a StageReport or more.
ssize_t receive_report(int fd, ReceivedReport& received);

}  // namespace srt
