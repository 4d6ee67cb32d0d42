#pragma once

namespace srt {

/// Starts a child that shares our memory, and suspends us until it has exited or executed a program
/// (CLONE_VM and CLONE_VFORK of clone(2)). No signal handler runs in it, whose memory is ours.
/// `flags` are further ones, the exit signal among them. Its process id, or -1 and `errno`.
int clone_suspended(int (*run)(void*), void* argument, int flags, int* pidfd = nullptr);

/// Waits for a child that was started without an exit signal: nobody else's wait takes it.
void wait_for_clone(int pid);

}  // namespace srt
