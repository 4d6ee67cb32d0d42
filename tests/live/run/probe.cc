// srt-probe [i386]: makes system calls that no sandbox should let pass, and prints what came of
// each as `NAME ERRNO`, or `NAME done`, one a line. With an argument, only the harmless one of the
// 32-bit table, of which the signal that it ended with is printed.

#include <asm/ioctls.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace {

struct Call {
  const char* name;
  long number;
  std::array<unsigned long, 5> arguments;
};

constexpr unsigned long kUpperHalf = 1UL << 32;

constexpr Call kCalls[] = {
    {"unix-stream", SYS_socket, {AF_UNIX, SOCK_STREAM, 0}},
    {"unix-datagram", SYS_socket, {AF_UNIX, SOCK_DGRAM, 0}},
    {"unix-upper-half", SYS_socket, {AF_UNIX | kUpperHalf, SOCK_STREAM, 0}},
    {"raw", SYS_socket, {AF_INET, SOCK_RAW, 1}},
    {"packet", SYS_socket, {AF_PACKET, SOCK_RAW, 0}},
    {"vsock", SYS_socket, {AF_VSOCK, SOCK_STREAM, 0}},
    {"netlink-audit", SYS_socket, {AF_NETLINK, SOCK_RAW, NETLINK_AUDIT}},
    {"io_uring_setup", SYS_io_uring_setup, {8, 0}},
    {"io_uring_enter", SYS_io_uring_enter, {0, 1, 0}},
    {"ptrace", SYS_ptrace, {PTRACE_TRACEME}},
    {"process_vm_readv", SYS_process_vm_readv, {1, 0, 0, 0, 0}},
    {"process_vm_writev", SYS_process_vm_writev, {1, 0, 0, 0, 0}},
    {"pidfd_getfd", SYS_pidfd_getfd, {0, 0, 0}},
    {"unshare-user", SYS_unshare, {CLONE_NEWUSER}},
    {"unshare-mount", SYS_unshare, {CLONE_NEWNS}},
    {"clone-user", SYS_clone, {CLONE_NEWUSER | SIGCHLD}},
    {"clone3", SYS_clone3, {0, 0}},
    {"setns", SYS_setns, {0, 0}},
    {"mount", SYS_mount, {0, 0, 0, 0, 0}},
    {"umount2", SYS_umount2, {0, 0}},
    {"pivot_root", SYS_pivot_root, {0, 0}},
    {"chroot", SYS_chroot, {0}},
    {"open_tree", SYS_open_tree, {0, 0, 0}},
    {"move_mount", SYS_move_mount, {0, 0, 0, 0, 0}},
    {"fsopen", SYS_fsopen, {0, 0}},
    {"fsmount", SYS_fsmount, {0, 0, 0}},
    {"mount_setattr", SYS_mount_setattr, {0, 0, 0, 0, 0}},
    {"open_by_handle_at", SYS_open_by_handle_at, {0, 0, 0}},
    {"keyctl", SYS_keyctl, {0, 0}},
    {"add_key", SYS_add_key, {0, 0, 0, 0, 0}},
    {"bpf", SYS_bpf, {0, 0, 0}},
    {"perf_event_open", SYS_perf_event_open, {0, 0, 0, 0, 0}},
    {"userfaultfd", SYS_userfaultfd, {0}},
    {"init_module", SYS_init_module, {0, 0, 0}},
    {"finit_module", SYS_finit_module, {0, 0, 0}},
    {"kexec_load", SYS_kexec_load, {0, 0, 0, 0}},
    {"reboot", SYS_reboot, {0, 0, 0, 0}},
    {"TIOCSTI", SYS_ioctl, {0, TIOCSTI, 0}},
    {"TIOCSTI-upper-half", SYS_ioctl, {0, TIOCSTI | kUpperHalf, 0}},
    {"TIOCLINUX", SYS_ioctl, {0, TIOCLINUX, 0}},
    {"unknown", 100'000, {}},
#ifdef __x86_64__
    {"x32-getpid", SYS_getpid | 0x4000'0000, {}},
    {"x32-socket", SYS_socket | 0x4000'0000, {AF_UNIX, SOCK_STREAM, 0}},
#endif
};

void report(const char* name, long result) {
  std::printf("%s %s\n", name, result < 0 ? strerrorname_np(errno) : "done");
  std::fflush(stdout);
}

#ifdef __x86_64__
// getpid of the 32-bit table.
void call_i386() {
  long result = 20;
  asm volatile("int $0x80" : "+a"(result) : : "memory");
  _exit(0);
}

void report_i386() {
  const pid_t pid = fork();
  if (pid == 0) call_i386();
  int status = 0;
  waitpid(pid, &status, 0);
  std::printf("i386-getpid %s\n", WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : "done");
  std::fflush(stdout);
}
#endif

}  // namespace

int main(int argc, char**) {
#ifdef __x86_64__
  report_i386();
#endif
  if (argc > 1) return 0;
  for (const Call& call : kCalls) {
    const auto& [a, b, c, d, e] = call.arguments;
    const long result = syscall(call.number, a, b, c, d, e, 0);
    // A clone that came through has a child here.
    if (call.number == SYS_clone && result == 0) _exit(0);
    report(call.name, result);
  }
  int pair[2];
  report("unix-pair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  report("unix-datagram-pair", socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
  return 0;
}
