#include "compiler/backend/seccomp/groups.h"

#include <algorithm>
#include <array>

namespace srt::seccomp {
namespace {

using Names = std::string_view[];

constexpr Names kAio = {"io_cancel",      "io_destroy",        "io_getevents",
                        "io_pgetevents",  "io_setup",          "io_submit",
                        "io_uring_enter", "io_uring_register", "io_uring_setup"};
constexpr Names kChown = {"chown", "fchown", "fchownat", "lchown"};
constexpr Names kClock = {"adjtimex", "clock_adjtime", "clock_settime", "settimeofday"};
constexpr Names kCpuEmulation = {"modify_ldt"};
constexpr Names kDebug = {"kcmp",   "lookup_dcookie",   "perf_event_open",  "pidfd_getfd",
                          "ptrace", "process_vm_readv", "process_vm_writev"};
constexpr Names kIpc = {"memfd_create",
                        "mq_getsetattr",
                        "mq_notify",
                        "mq_open",
                        "mq_timedreceive",
                        "mq_timedsend",
                        "mq_unlink",
                        "msgctl",
                        "msgget",
                        "msgrcv",
                        "msgsnd",
                        "pipe",
                        "pipe2",
                        "process_madvise",
                        "process_vm_readv",
                        "process_vm_writev",
                        "semctl",
                        "semget",
                        "semop",
                        "semtimedop",
                        "shmat",
                        "shmctl",
                        "shmdt",
                        "shmget"};
constexpr Names kKeyring = {"add_key", "keyctl", "request_key"};
constexpr Names kMemlock = {"mlock", "mlock2", "mlockall", "munlock", "munlockall"};
constexpr Names kModule = {"delete_module", "finit_module", "init_module"};
constexpr Names kMount = {"chroot",    "fsconfig",   "fsmount",       "fsopen",
                          "fspick",    "mount",      "mount_setattr", "move_mount",
                          "open_tree", "pivot_root", "umount2"};
constexpr Names kNetworkIo = {"accept",      "accept4",    "bind",      "connect",  "getpeername",
                              "getsockname", "getsockopt", "listen",    "recvfrom", "recvmmsg",
                              "recvmsg",     "sendmmsg",   "sendmsg",   "sendto",   "setsockopt",
                              "shutdown",    "socket",     "socketpair"};
constexpr Names kObsolete = {"_sysctl",        "afs_syscall",     "create_module", "epoll_ctl_old",
                             "epoll_wait_old", "get_kernel_syms", "getpmsg",       "nfsservctl",
                             "putpmsg",        "query_module",    "security",      "sysfs",
                             "tuxcall",        "uselib",          "ustat",         "vserver"};
constexpr Names kProcess = {"capget",
                            "clone",
                            "clone3",
                            "execveat",
                            "fork",
                            "getrusage",
                            "kill",
                            "pidfd_open",
                            "pidfd_send_signal",
                            "prctl",
                            "rt_sigqueueinfo",
                            "rt_tgsigqueueinfo",
                            "setns",
                            "tgkill",
                            "times",
                            "tkill",
                            "unshare",
                            "vfork",
                            "wait4",
                            "waitid"};
constexpr Names kRawIo = {"ioperm", "iopl"};
constexpr Names kReboot = {"kexec_file_load", "kexec_load", "reboot"};
constexpr Names kResources = {"ioprio_set",        "mbind",
                              "migrate_pages",     "move_pages",
                              "sched_setaffinity", "sched_setattr",
                              "sched_setparam",    "sched_setscheduler",
                              "set_mempolicy",     "set_mempolicy_home_node",
                              "setpriority",       "setrlimit"};
constexpr Names kSandbox = {"landlock_add_rule", "landlock_create_ruleset",
                            "landlock_restrict_self", "seccomp"};
constexpr Names kSetuid = {"setfsgid",  "setfsuid",  "setgid",   "setgroups", "setregid",
                           "setresgid", "setresuid", "setreuid", "setuid"};
constexpr Names kSwap = {"swapoff", "swapon"};

constexpr SyscallGroup kGroups[] = {
    {"@aio", "asynchronous input and output, io_uring", kAio},
    {"@chown", "changing who owns a file", kChown},
    {"@clock", "setting the clock", kClock},
    {"@cpu-emulation", "segments for 16-bit code", kCpuEmulation},
    {"@debug", "tracing and measuring other processes", kDebug},
    {"@ipc", "pipes, queues, semaphores, shared memory", kIpc},
    {"@keyring", "the kernel's keyrings", kKeyring},
    {"@memlock", "keeping memory from being swapped", kMemlock},
    {"@module", "kernel modules", kModule},
    {"@mount", "mounts and the root directory", kMount},
    {"@network-io", "sockets", kNetworkIo},
    {"@obsolete", "calls that nothing uses any more", kObsolete},
    {"@process", "making, signalling and awaiting processes", kProcess},
    {"@raw-io", "input and output ports", kRawIo},
    {"@reboot", "restarting the machine", kReboot},
    {"@resources", "scheduling, memory placement, limits", kResources},
    {"@sandbox", "filters and rules of a process on itself", kSandbox},
    {"@setuid", "changing user and group", kSetuid},
    {"@swap", "swap space", kSwap},
};

}  // namespace

std::span<const SyscallGroup> syscall_groups() { return kGroups; }

const SyscallGroup* find_group(std::string_view name) {
  const auto* found = std::ranges::find(kGroups, name, &SyscallGroup::name);
  return found == std::end(kGroups) ? nullptr : found;
}

}  // namespace srt::seccomp
