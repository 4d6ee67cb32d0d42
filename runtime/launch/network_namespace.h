#pragma once

#include <cstdint>

#include "runtime/base/result.h"
#include "runtime/base/unique_fd.h"

namespace srt {

/// Makes a socket in the network namespace of the process that `pidfd` names, a child of this one
/// in a user namespace that this process made: a stream socket of `family`, close-on-exec. With
/// `port` it is bound to that port of every address and listens. To be called on the only thread.
Result<UniqueFd> make_socket_in(int pidfd, int family, std::uint16_t port = 0);

}  // namespace srt
