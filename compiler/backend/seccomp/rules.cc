#include "compiler/backend/seccomp/rules.h"

#include <asm/ioctls.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/personality.h>
#include <linux/sched.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

namespace srt::seccomp {
namespace {

Condition equals(unsigned argument, std::uint64_t value) { return {argument, ~0ULL, value}; }

Condition masked(unsigned argument, std::uint64_t mask, std::uint64_t value) {
  return {argument, mask, value};
}

Condition only_bits(unsigned argument, std::uint64_t bits) { return {argument, ~bits, 0}; }

/// The kernel splits `type` of socket(2) by this mask; flags are above it (linux/net.h).
constexpr std::uint64_t kSocketType = 0xf;

/// clone(2) reads the low 32 bits of its flags (`lower_32_bits` in kernel/fork.c), of which the
/// lowest byte is the exit signal: CLONE_NEWTIME, in that byte, cannot be asked for here.
constexpr std::uint64_t kCloneNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                                           CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
                                           CLONE_NEWNET;

/// All that unshare(2) takes apart from namespaces. Flags yet to come are refused.
constexpr std::uint64_t kUnshareHarmless =
    CLONE_FILES | CLONE_FS | CLONE_SYSVSEM | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM;

/// The bits of open's flags that make a file; without one of them its mode is not read. That of
/// O_TMPFILE has no public name of its own.
constexpr std::uint64_t kCreates = O_CREAT | (O_TMPFILE & ~O_DIRECTORY);
constexpr std::string_view kSetIdReason =
    "a set-user-ID file runs outside, for everybody, as the caller";

/// Refuses a mode, in argument `mode`, that sets the user or the group ID, and answers `without` to
/// any other. What a mode is not part of is decided by the clauses `before`.
Rule no_set_id(std::vector<std::string_view> syscalls, unsigned mode, std::vector<Clause> before,
               Verdict without) {
  std::vector<Clause> clauses = std::move(before);
  clauses.push_back({{masked(mode, S_ISUID | S_ISGID, 0)}, without});
  return {.group = "set-user-ID files",
          .reason = kSetIdReason,
          .syscalls = std::move(syscalls),
          .otherwise = fail_with(EPERM),
          .clauses = std::move(clauses)};
}

/// What of open(2) makes no name, with its flags and its mode in these arguments.
std::vector<Clause> opens_only(unsigned flags, unsigned mode, const FilterOptions& options) {
  std::vector<Clause> clauses = {{{masked(flags, kCreates, 0)}, kAllow}};
  if (options.guard_names) {
    // With O_PATH the kernel reads no flag that makes anything; O_TMPFILE makes a file without
    // name.
    const Condition no_set_id = masked(mode, S_ISUID | S_ISGID, 0);
    clauses.push_back({{masked(flags, O_PATH, O_PATH), no_set_id}, kAllow});
    clauses.push_back({{masked(flags, O_CREAT, 0), no_set_id}, kAllow});
  }
  return clauses;
}

/// BTRFS_IOC_* (linux/btrfs.h) and BCH_IOCTL_SUBVOLUME_CREATE (fs/bcachefs/bcachefs_ioctl.h), which
/// make directories without any system call for that.
constexpr std::array<std::uint32_t, 5> kMakeSubvolume = {
    0x50009401,  // SNAP_CREATE
    0x5000940e,  // SUBVOL_CREATE
    0x50009417,  // SNAP_CREATE_V2
    0x50009418,  // SUBVOL_CREATE_V2
    0x4020bc10,
};

std::vector<Clause> ioctl_clauses(const FilterOptions& options) {
  std::vector<Clause> clauses = {{{equals(1, TIOCSTI)}, fail_with(EPERM)},
                                 {{equals(1, TIOCLINUX)}, fail_with(EPERM)}};
  if (options.guard_names) {
    for (const std::uint32_t request : kMakeSubvolume) {
      clauses.push_back({{equals(1, request)}, fail_with(EPERM)});
    }
  }
  return clauses;
}

std::vector<Rule> built_in_rules(const FilterOptions& options) {
  // EACCES is what socket(2) documents for "permission to create a socket of the specified type is
  // denied"; EPERM would be read as a missing capability.
  const Verdict unix_socket = options.allow_unix_sockets ? kAllow : fail_with(EACCES);
  const Verdict denied = fail_with(EPERM);
  const Verdict making = options.guard_names ? kGuarded : kAllow;
  // What a kernel answers that was built without the call: programs and libc fall back.
  const Verdict absent = fail_with(ENOSYS);

  return {
      // Each refusal is what a kernel without the feature, or without the right to it, answers:
      // EAFNOSUPPORT and EPROTONOSUPPORT are taken for "not built in" (libaudit, libc, libpcap).
      // SOCK_PACKET, which turns AF_INET into AF_PACKET (net/socket.c), counts as a raw type.
      {.group = "sockets",
       .reason = "only traffic that the proxy can see may leave",
       .syscalls = {"socket"},
       .otherwise = fail_with(EAFNOSUPPORT),
       .clauses =
           {
               {{equals(0, AF_UNIX)}, unix_socket},
               {{equals(0, AF_INET), masked(1, kSocketType, SOCK_STREAM)}, kAllow},
               {{equals(0, AF_INET), masked(1, kSocketType, SOCK_DGRAM)}, kAllow},
               {{equals(0, AF_INET)}, denied},
               {{equals(0, AF_INET6), masked(1, kSocketType, SOCK_STREAM)}, kAllow},
               {{equals(0, AF_INET6), masked(1, kSocketType, SOCK_DGRAM)}, kAllow},
               {{equals(0, AF_INET6)}, denied},
               {{equals(0, AF_NETLINK), equals(2, NETLINK_ROUTE)}, kAllow},
               {{equals(0, AF_NETLINK)}, fail_with(EPROTONOSUPPORT)},
           }},
      // Connected stream and seqpacket pairs stay connected: connect() on one is EISCONN, sendmsg()
      // refuses or ignores an address. A datagram pair sends to any path, and SOCK_RAW is a
      // datagram socket too (net/unix/af_unix.c).
      {.group = "sockets",
       .reason = "a datagram pair can send to any unix socket by its path",
       .syscalls = {"socketpair"},
       .otherwise = fail_with(EAFNOSUPPORT),
       .clauses =
           {
               {{equals(0, AF_UNIX), masked(1, kSocketType, SOCK_STREAM)}, kAllow},
               {{equals(0, AF_UNIX), masked(1, kSocketType, SOCK_SEQPACKET)}, kAllow},
               {{equals(0, AF_UNIX)}, unix_socket},
           }},
      {.group = "io_uring",
       .reason = "its requests are system calls that no filter sees",
       .syscalls = {"io_uring_setup", "io_uring_enter", "io_uring_register"},
       .otherwise = denied,
       .clauses = {},
       .can_open = true},
      // process_madvise and process_mrelease stay: advice on memory, under the kernel's own check.
      {.group = "other processes",
       .reason = "reading or steering another process is a way around its confinement",
       .syscalls = {"ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp"},
       .otherwise = denied,
       .clauses = {},
       .can_open = true},
      {.group = "namespaces",
       .reason = "a namespace of its own gives a command capabilities within it",
       .syscalls = {"clone"},
       .otherwise = denied,
       .clauses = {{{masked(0, kCloneNamespaces, 0)}, kAllow}},
       .for_namespaces = true},
      {.group = "namespaces",
       .reason = "its flags are behind a pointer; libc falls back to clone",
       .syscalls = {"clone3"},
       .otherwise = absent,
       .clauses = {}},
      {.group = "namespaces",
       .reason = "a namespace of its own gives a command capabilities within it",
       .syscalls = {"unshare"},
       .otherwise = denied,
       .clauses = {{{only_bits(0, kUnshareHarmless)}, kAllow}},
       .for_namespaces = true},
      {.group = "namespaces",
       .reason = "another namespace is another set of rules",
       .syscalls = {"setns", "sethostname", "setdomainname"},
       .otherwise = denied,
       .clauses = {},
       .for_namespaces = true},
      {.group = "mounts",
       .reason = "a changed mount undoes the file rules",
       .syscalls = {"mount", "umount2", "pivot_root", "chroot", "fsopen", "fsconfig", "fsmount",
                    "fspick", "open_tree", "move_mount", "mount_setattr"},
       .otherwise = denied,
       .clauses = {},
       .for_namespaces = true},
      {.group = "mounts",
       .reason = "a handle opens files whatever path they have",
       .syscalls = {"open_by_handle_at"},
       .otherwise = denied,
       .clauses = {}},
      // mkdir and mkdirat ignore these bits (fs/namei.c).
      no_set_id({"chmod", "fchmod"}, 1, {}, kAllow),
      no_set_id({"fchmodat", "fchmodat2"}, 2, {}, kAllow),
      no_set_id({"creat", "mknod"}, 1, {}, making),
      no_set_id({"mknodat"}, 2, {}, making),
      no_set_id({"open"}, 2, opens_only(1, 2, options), making),
      no_set_id({"openat"}, 3, opens_only(2, 3, options), making),
      {.group = "set-user-ID files",
       .reason = "its mode is behind a pointer; programs fall back to openat",
       .syscalls = {"openat2"},
       .otherwise = absent,
       .clauses = {}},
      {.group = "names",
       .reason = "the guard judges each name that is made, and makes it",
       .syscalls = {"mkdir", "mkdirat", "symlink", "symlinkat", "link", "linkat", "rename",
                    "renameat", "renameat2", "bind", "umask"},
       .otherwise = kGuarded,
       .clauses = {},
       .for_guard = true},
      {.group = "names",
       .reason = "a symbolic link at a denied name is no mount point",
       .syscalls = {"unlink", "unlinkat"},
       .otherwise = kGuardedRemoval,
       .clauses = {},
       .for_guard = true},
      {.group = "keys",
       .reason = "keyrings belong to the user, not to the sandbox",
       .syscalls = {"add_key", "request_key", "keyctl"},
       .otherwise = denied,
       .clauses = {},
       .can_open = true},
      {.group = "terminal",
       .reason = "typing into the caller's terminal runs commands outside",
       .syscalls = {"ioctl"},
       .otherwise = kAllow,
       .clauses = ioctl_clauses(options)},
      {.group = "terminal",
       .reason = "it takes the terminal away from the caller",
       .syscalls = {"vhangup"},
       .otherwise = denied,
       .clauses = {}},
      {.group = "kernel surface",
       .reason = "code and memory tricks inside the kernel are where exploits start",
       .syscalls = {"bpf", "perf_event_open", "userfaultfd"},
       .otherwise = denied,
       .clauses = {},
       .can_open = true},
      // What is allowed only changes what uname(2) says; the query is 0xffffffff. The rest maps
      // page
      // zero, makes data executable or switches address randomization off.
      {.group = "kernel surface",
       .reason = "old execution domains weaken memory protection",
       .syscalls = {"personality"},
       .otherwise = denied,
       .clauses = {{{only_bits(0, static_cast<std::uint64_t>(PER_LINUX32) | UNAME26)}, kAllow},
                   {{equals(0, 0xffffffff)}, kAllow}}},
      // Its segments serve 32-bit code alone, whose system calls end the process anyway.
      {.group = "kernel surface",
       .reason = "16-bit segments serve no 64-bit program",
       .syscalls = {"modify_ldt"},
       .otherwise = absent,
       .clauses = {},
       .can_open = true},
      {.group = "machine",
       .reason = "it changes the machine for everybody",
       .syscalls = {"init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load",
                    "reboot", "swapon", "swapoff", "quotactl", "quotactl_fd", "acct", "syslog",
                    "iopl", "ioperm"},
       .otherwise = denied,
       .clauses = {}},
      // adjtimex and clock_adjtime stay: what they set is behind a pointer, reading is common, and
      // the kernel asks for CAP_SYS_TIME in the initial user namespace.
      {.group = "machine",
       .reason = "the clock is the machine's",
       .syscalls = {"clock_settime", "settimeofday"},
       .otherwise = denied,
       .clauses = {}},
      {.group = "obsolete",
       .reason = "no current kernel or program has a use for it",
       .syscalls = {"uselib", "_sysctl", "create_module", "get_kernel_syms", "query_module",
                    "nfsservctl", "lookup_dcookie", "getpmsg", "putpmsg", "afs_syscall", "tuxcall",
                    "security", "vserver", "epoll_ctl_old", "epoll_wait_old"},
       .otherwise = absent,
       .clauses = {}},
  };
}

/// Takes what the policy decides out of the built-in rules.
void apply(const FilterOptions& options, std::vector<Rule>& rules) {
  Rule denied = {.group = "policy",
                 .reason = "the policy says so",
                 .syscalls = {options.denied.begin(), options.denied.end()},
                 .otherwise = fail_with(EPERM),
                 .clauses = {}};
  if (options.allow_namespaces) {
    std::erase_if(rules, [](const Rule& rule) { return rule.for_namespaces; });
  }
  if (!options.guard_names) {
    std::erase_if(rules, [](const Rule& rule) { return rule.for_guard; });
  }
  for (Rule& rule : rules) {
    std::erase_if(rule.syscalls, [&](std::string_view syscall) {
      return rule.can_open && options.opened.contains(syscall);
    });
    if (!rule.clauses.empty() || rule.for_guard) {
      std::erase_if(rule.syscalls,
                    [&](std::string_view syscall) { return options.denied.contains(syscall); });
      continue;
    }
    // How a call is refused is what programs fall back on: clone3 has to be absent.
    for (const std::string_view syscall : rule.syscalls) std::erase(denied.syscalls, syscall);
  }
  std::erase_if(rules, [](const Rule& rule) { return rule.syscalls.empty(); });
  if (!denied.syscalls.empty()) rules.push_back(std::move(denied));
}

}  // namespace

std::vector<Rule> default_rules(const FilterOptions& options) {
  std::vector<Rule> rules = built_in_rules(options);
  apply(options, rules);
  return rules;
}

}  // namespace srt::seccomp
