#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/base/unique_fd.h"
#include "runtime/plan/mount_plan.h"

namespace asio {
class io_context;
}

namespace srt {

/// Everything that is decided about a run before anything starts. Whoever holds one needs neither
/// bundle nor policy: this is the seam between deciding and doing.
struct LaunchSpec {
  MountPlan plan;
  std::vector<std::string> command;                               ///< argv, at least one word
  std::vector<std::pair<std::string, std::string>> environment;  ///< complete; nothing is inherited
  std::string working_directory;                                  ///< absolute, as inside
  std::vector<std::uint64_t> filter;  ///< the command's seccomp program: each a `struct sock_filter`
  std::string private_tmp;  ///< a directory of the sandbox's own tmpfs to make (mode 0700), or empty
  bool network = false;     ///< make the proxy's listening socket
};

/// The port of the proxy's listening socket on the sandbox's own loopback.
inline constexpr std::uint16_t kProxyPort = 3128;

/// Runs `spec.command` confined and returns the exit status that `srt-run` ends with: the command's
/// own, 128+N when a signal ended it, 126 or 127 when it could not be executed. Runs `io` until then;
/// `serve` is called on it, before the command starts, with the listening sockets that were made
/// inside the sandbox's network namespace (none when `spec.network` is false).
/// An error means that the command never ran.
Result<int> launch(const LaunchSpec& spec, asio::io_context& io,
                   const std::function<void(std::vector<UniqueFd>)>& serve);

}  // namespace srt
