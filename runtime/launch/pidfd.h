#pragma once

#include <sys/syscall.h>
#include <unistd.h>

namespace srt {

/// Sends signal `number` to the process of `pidfd`, wherever below the caller's pid namespace that
/// is. One that is gone needs none. (glibc 2.36's <sys/pidfd.h> lacks C linkage.)
inline void signal_process(int pidfd, int number) {
  syscall(SYS_pidfd_send_signal, pidfd, number, nullptr, 0);
}

}  // namespace srt
