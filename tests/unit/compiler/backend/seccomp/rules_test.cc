#include "compiler/backend/seccomp/rules.h"

#include <asm/ioctls.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "compiler/backend/seccomp/filter.h"
#include "compiler/backend/seccomp/groups.h"
#include "tests/unit/compiler/backend/seccomp/calls.h"

namespace srt::seccomp {
namespace {

constexpr std::uint64_t kGarbage[] = {0, 1ULL << 32, 0x8000'0000'0000'0000, 0xffff'ffff'0000'0000};

testing::BpfInterpreter default_filter(Arch arch, bool unix_sockets = false) {
  return interpreter(build_filter(arch, {.allow_unix_sockets = unix_sockets}));
}

/// Calls `check(arch, filter)` for each architecture.
template <typename Check>
void on_every_arch(Check check) {
  for (const Arch arch : kArchs) {
    CAPTURE(std::string(arch_name(arch)));
    check(arch, default_filter(arch));
  }
}

TEST_CASE("C30 R34 C35: calls that are refused whatever their arguments") {
  on_every_arch([](Arch arch, const testing::BpfInterpreter& filter) {
    for (const Rule& rule : default_rules({})) {
      if (!rule.clauses.empty()) continue;
      for (const std::string_view syscall : rule.syscalls) {
        CAPTURE(std::string(syscall));
        const auto number = number_of(arch, syscall);
        if (!number) continue;
        CHECK(rule.otherwise != kAllow);
        for (const std::uint64_t value : {0ULL, 1ULL, 0xffff'ffffULL, ~0ULL}) {
          CHECK(verdict(filter, call(arch, *number, {value, value, value, value, value, value})) ==
                rule.otherwise);
        }
      }
    }
  });
}

TEST_CASE("C30 R34 C35: the calls that break out of sandboxes are among the refused") {
  on_every_arch([](Arch arch, const testing::BpfInterpreter& filter) {
    for (const char* syscall : {"io_uring_setup",
                                "io_uring_enter",
                                "io_uring_register",
                                "ptrace",
                                "process_vm_readv",
                                "process_vm_writev",
                                "pidfd_getfd",
                                "mount",
                                "umount2",
                                "pivot_root",
                                "fsopen",
                                "fsconfig",
                                "fsmount",
                                "fspick",
                                "open_tree",
                                "move_mount",
                                "mount_setattr",
                                "setns",
                                "keyctl",
                                "add_key",
                                "request_key",
                                "bpf",
                                "perf_event_open",
                                "userfaultfd",
                                "init_module",
                                "finit_module",
                                "delete_module",
                                "kexec_load",
                                "reboot",
                                "swapon",
                                "swapoff",
                                "quotactl",
                                "quotactl_fd",
                                "open_by_handle_at",
                                "clock_settime",
                                "settimeofday",
                                "acct",
                                "syslog",
                                "kcmp",
                                "chroot"}) {
      CAPTURE(syscall);
      CHECK(verdict(filter, call(arch, number_of(arch, syscall).value())) == fail_with(EPERM));
    }
    for (const char* syscall : {"clone3", "openat2"}) {
      CAPTURE(syscall);
      CHECK(verdict(filter, call(arch, number_of(arch, syscall).value())) == fail_with(ENOSYS));
    }
  });
}

TEST_CASE("what commands live on is allowed") {
  on_every_arch([](Arch arch, const testing::BpfInterpreter& filter) {
    for (const char* syscall : {"execve", "execveat", "openat", "connect", "sendmsg", "mmap",
                                "futex", "exit_group", "adjtimex", "clock_adjtime", "seccomp",
                                "prctl", "memfd_create", "fchmodat2", "process_madvise"}) {
      CAPTURE(syscall);
      CHECK(verdict(filter, call(arch, number_of(arch, syscall).value())) == kAllow);
    }
  });
}

/// A call whose low words are judged. Words above them are tried with garbage where the C type has
/// 32 bits.
struct JudgedCall {
  std::string_view syscall;
  std::array<std::uint32_t, 4> arguments;
  Verdict expected;
  Verdict with_unix_sockets;
};

constexpr JudgedCall same(std::string_view syscall, std::array<std::uint32_t, 4> arguments,
                          Verdict expected) {
  return {syscall, arguments, expected, expected};
}

constexpr Verdict kDenied = fail_with(EPERM);
constexpr Verdict kNoFamily = fail_with(EAFNOSUPPORT);
constexpr std::uint32_t kFlags = SOCK_CLOEXEC | SOCK_NONBLOCK;

constexpr JudgedCall kJudgedCalls[] = {
    {"socket", {AF_UNIX, SOCK_STREAM}, fail_with(EACCES), kAllow},
    {"socket", {AF_UNIX, SOCK_DGRAM | kFlags}, fail_with(EACCES), kAllow},
    {"socket", {AF_UNIX, SOCK_SEQPACKET}, fail_with(EACCES), kAllow},
    same("socket", {AF_INET, SOCK_STREAM}, kAllow),
    same("socket", {AF_INET, SOCK_STREAM | kFlags, 6}, kAllow),
    same("socket", {AF_INET, SOCK_DGRAM, 17}, kAllow),
    same("socket", {AF_INET, SOCK_RAW}, kDenied),
    same("socket", {AF_INET, SOCK_RAW | kFlags, 255}, kDenied),
    same("socket", {AF_INET, SOCK_PACKET}, kDenied),
    same("socket", {AF_INET, SOCK_SEQPACKET}, kDenied),
    same("socket", {AF_INET, 0}, kDenied),
    same("socket", {AF_INET6, SOCK_STREAM | SOCK_CLOEXEC}, kAllow),
    same("socket", {AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK}, kAllow),
    same("socket", {AF_INET6, SOCK_RAW, 58}, kDenied),
    same("socket", {AF_NETLINK, SOCK_RAW, NETLINK_ROUTE}, kAllow),
    same("socket", {AF_NETLINK, SOCK_DGRAM | kFlags, NETLINK_ROUTE}, kAllow),
    same("socket", {AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER}, fail_with(EPROTONOSUPPORT)),
    same("socket", {AF_NETLINK, SOCK_RAW, NETLINK_AUDIT}, fail_with(EPROTONOSUPPORT)),
    same("socket", {AF_PACKET, SOCK_RAW, 0x300}, kNoFamily),
    same("socket", {AF_PACKET, SOCK_DGRAM}, kNoFamily),
    same("socket", {AF_VSOCK, SOCK_STREAM}, kNoFamily),
    same("socket", {AF_ALG, SOCK_SEQPACKET}, kNoFamily),
    same("socket", {AF_BLUETOOTH, SOCK_STREAM}, kNoFamily),
    same("socket", {AF_XDP, SOCK_RAW}, kNoFamily),
    same("socket", {AF_UNSPEC, SOCK_STREAM}, kNoFamily),
    same("socket", {0xffffffff, SOCK_STREAM}, kNoFamily),
    same("socketpair", {AF_UNIX, SOCK_STREAM}, kAllow),
    same("socketpair", {AF_UNIX, SOCK_STREAM | kFlags}, kAllow),
    same("socketpair", {AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC}, kAllow),
    {"socketpair", {AF_UNIX, SOCK_DGRAM}, fail_with(EACCES), kAllow},
    {"socketpair", {AF_UNIX, SOCK_DGRAM | kFlags}, fail_with(EACCES), kAllow},
    {"socketpair", {AF_UNIX, SOCK_RAW}, fail_with(EACCES), kAllow},
    same("socketpair", {AF_TIPC, SOCK_STREAM}, kNoFamily),
    same("clone", {CLONE_VM | CLONE_FS | CLONE_THREAD | CLONE_SIGHAND}, kAllow),
    same("clone", {17}, kAllow),
    same("clone", {CLONE_NEWTIME}, kAllow),  // the signal's byte: no flag of clone
    same("clone", {CLONE_NEWUSER | 17}, kDenied),
    same("clone", {CLONE_NEWNS}, kDenied),
    same("clone", {CLONE_NEWCGROUP}, kDenied),
    same("clone", {CLONE_NEWUTS}, kDenied),
    same("clone", {CLONE_NEWIPC}, kDenied),
    same("clone", {CLONE_NEWPID | CLONE_VM}, kDenied),
    same("clone", {CLONE_NEWNET}, kDenied),
    same("unshare", {0}, kAllow),
    same("unshare", {CLONE_FILES | CLONE_FS | CLONE_SYSVSEM}, kAllow),
    same("unshare", {CLONE_NEWUSER}, kDenied),
    same("unshare", {CLONE_NEWUSER | CLONE_FILES}, kDenied),
    same("unshare", {CLONE_NEWNS}, kDenied),
    same("unshare", {CLONE_NEWCGROUP}, kDenied),
    same("unshare", {CLONE_NEWUTS}, kDenied),
    same("unshare", {CLONE_NEWIPC}, kDenied),
    same("unshare", {CLONE_NEWPID}, kDenied),
    same("unshare", {CLONE_NEWNET}, kDenied),
    same("unshare", {CLONE_NEWTIME}, kDenied),
    same("unshare", {CLONE_VFORK}, kDenied),  // no flag of unshare
    same("chmod", {0, 01777}, kAllow),
    same("chmod", {0, S_ISUID}, kDenied),
    same("fchmod", {3, 0644}, kAllow),
    same("fchmod", {3, 02755}, kDenied),
    same("fchmodat", {0, 0, 0755}, kAllow),
    same("fchmodat", {0, 0, 04755}, kDenied),
    same("fchmodat2", {0, 0, 0755, S_ISUID}, kAllow),
    same("fchmodat2", {0, 0, S_ISGID}, kDenied),
    same("creat", {0, 0666}, kAllow),
    same("creat", {0, 06666}, kDenied),
    same("mknod", {0, S_IFREG | 0600, S_ISUID}, kAllow),
    same("mknod", {0, S_IFIFO | 0600}, kAllow),
    same("mknod", {0, S_IFREG | S_ISUID}, kDenied),
    same("mknodat", {0, 0, S_IFREG | 0600}, kAllow),
    same("mknodat", {0, 0, S_IFREG | S_ISGID}, kDenied),
    same("open", {0, O_RDWR | O_DIRECTORY, S_ISUID}, kAllow),  // what no file is made by is no mode
    same("open", {0, O_RDWR | O_CREAT, 0666}, kAllow),
    same("open", {0, O_RDWR | O_CREAT, 04666}, kDenied),
    same("open", {0, O_RDWR | O_TMPFILE, 02666}, kDenied),
    same("openat", {0, 0, O_WRONLY | O_TRUNC, 0xffffffff}, kAllow),
    same("openat", {0, 0, O_WRONLY | O_CREAT | O_EXCL, 0777}, kAllow),
    same("openat", {0, 0, O_WRONLY | O_CREAT | O_EXCL, 04777}, kDenied),
    same("openat", {0, 0, O_RDWR | O_TMPFILE, 0600}, kAllow),
    same("openat", {0, 0, O_RDWR | O_TMPFILE, S_ISGID}, kDenied),
    same("ioctl", {0, TCGETS}, kAllow),
    same("ioctl", {0, TIOCSTI}, kDenied),
    same("ioctl", {1000, TIOCLINUX}, kDenied),
    same("ioctl", {TIOCSTI, TIOCGWINSZ, TIOCSTI}, kAllow),
    same("personality", {0}, kAllow),
    same("personality", {8}, kAllow),
    same("personality", {0x20000}, kAllow),
    same("personality", {0x20008}, kAllow),
    same("personality", {0xffffffff}, kAllow),
    same("personality", {0x40000}, kDenied),   // ADDR_NO_RANDOMIZE
    same("personality", {0x400000}, kDenied),  // READ_IMPLIES_EXEC
    same("personality", {0x100000}, kDenied),  // MMAP_PAGE_ZERO
    same("personality", {0xfffffffe}, kDenied),
    same("personality", {1}, kDenied),
};

TEST_CASE("C28 C35: calls that are judged by their arguments, with garbage above ints") {
  for (const bool unix_sockets : {false, true}) {
    for (const Arch arch : kArchs) {
      const auto filter = default_filter(arch, unix_sockets);
      for (const JudgedCall& judged : kJudgedCalls) {
        CAPTURE(std::string(arch_name(arch)));
        CAPTURE(unix_sockets);
        CAPTURE(std::string(judged.syscall));
        CAPTURE(judged.arguments[0]);
        CAPTURE(judged.arguments[1]);
        CAPTURE(judged.arguments[2]);
        CAPTURE(judged.arguments[3]);
        const auto number = number_of(arch, judged.syscall);
        if (!number) continue;
        for (const std::uint64_t garbage : kGarbage) {
          // The kernel refuses unshare's flags above 32 bits.
          if (judged.syscall == "unshare" && garbage != 0) continue;
          Arguments arguments{};
          for (std::size_t i = 0; i < judged.arguments.size(); ++i) {
            arguments[i] = judged.arguments[i] | garbage;
          }
          CHECK(verdict(filter, call(arch, *number, arguments)) ==
                (unix_sockets ? judged.with_unix_sockets : judged.expected));
        }
      }
    }
  }
}

TEST_CASE("flags of unshare above 32 bits are refused") {
  on_every_arch([](Arch arch, const testing::BpfInterpreter& filter) {
    const std::uint32_t number = *number_of(arch, "unshare");
    for (unsigned bit = 32; bit < 64; ++bit) {
      CHECK(verdict(filter, call(arch, number, {1ULL << bit})) == kDenied);
      CHECK(verdict(filter, call(arch, number, {1ULL << bit | CLONE_FILES})) == kDenied);
    }
  });
}

TEST_CASE("every verdict of every judged call is among those tried") {
  for (const Rule& rule : default_rules({})) {
    if (rule.clauses.empty()) continue;
    std::set<Verdict> possible = {rule.otherwise};
    for (const Clause& clause : rule.clauses) possible.insert(clause.verdict);
    for (const std::string_view syscall : rule.syscalls) {
      std::set<Verdict> tried;
      for (const JudgedCall& judged : kJudgedCalls) {
        if (judged.syscall == syscall) tried.insert(judged.expected);
      }
      CHECK_MESSAGE(tried == possible, std::string(syscall));
    }
  }
}

TEST_CASE("unix sockets change the rules of sockets alone") {
  const auto without = default_rules({.allow_unix_sockets = false});
  const auto with = default_rules({.allow_unix_sockets = true});
  REQUIRE(without.size() == with.size());
  for (std::size_t i = 0; i < with.size(); ++i) {
    bool same_clauses = without[i].clauses.size() == with[i].clauses.size();
    for (std::size_t j = 0; same_clauses && j < with[i].clauses.size(); ++j) {
      same_clauses = without[i].clauses[j].verdict == with[i].clauses[j].verdict;
    }
    CHECK((same_clauses || with[i].group == "sockets"));
    CHECK(without[i].otherwise == with[i].otherwise);
  }
}

Verdict verdict_of(const FilterOptions& options, Arch arch, const char* syscall,
                   const Arguments& arguments = {}) {
  return verdict(interpreter(build_filter(arch, options)),
                 call(arch, number_of(arch, syscall).value(), arguments));
}

TEST_CASE(
    "what a policy denies fails whatever its arguments, in the built-in way where there is one") {
  const FilterOptions options = {.denied = {"chown", "fchownat", "ptrace", "clone3", "socket"}};
  for (const Arch arch : kArchs) {
    CHECK(verdict_of(options, arch, "fchownat") == kDenied);
    CHECK(verdict_of(options, arch, "ptrace") == kDenied);
    CHECK(verdict_of(options, arch, "clone3") == fail_with(ENOSYS));
    CHECK(verdict_of(options, arch, "socket", {AF_INET, SOCK_STREAM}) == kDenied);
    CHECK(verdict_of(options, arch, "socket", {AF_PACKET}) == kDenied);
    CHECK(verdict_of(options, arch, "openat") == kAllow);
  }
}

TEST_CASE("a policy opens calls on whose refusal the sandbox does not rest, and no others") {
  for (const Arch arch : kArchs) {
    for (const char* syscall : {"ptrace", "io_uring_setup", "keyctl", "bpf", "userfaultfd"}) {
      CAPTURE(syscall);
      CHECK(verdict_of({.opened = {syscall}}, arch, syscall) == kAllow);
      CHECK(verdict_of({.opened = {"ptrace"}}, arch, "kcmp") == kDenied);
    }
    for (const char* syscall : {"mount", "setns", "open_by_handle_at", "reboot"}) {
      CAPTURE(syscall);
      CHECK(verdict_of({.opened = {syscall}}, arch, syscall) == kDenied);
    }
    CHECK(verdict_of({.opened = {"clone", "ioctl"}}, arch, "clone", {CLONE_NEWUSER}) == kDenied);
    CHECK(verdict_of({.opened = {"clone", "ioctl"}}, arch, "ioctl", {0, TIOCSTI}) == kDenied);
    CHECK(verdict_of({.opened = {"socket"}}, arch, "socket", {AF_PACKET}) == kNoFamily);
  }
}

TEST_CASE("every call of a group exists, groups are in order, none is empty") {
  const std::vector<std::string>& known = known_syscalls();
  std::string_view previous;
  for (const SyscallGroup& group : syscall_groups()) {
    CAPTURE(std::string(group.name));
    CHECK(group.name.starts_with('@'));
    CHECK(previous < group.name);
    previous = group.name;
    CHECK_FALSE(group.syscalls.empty());
    CHECK(find_group(group.name) == &group);
    for (const std::string_view syscall : group.syscalls) {
      CAPTURE(std::string(syscall));
      CHECK(std::ranges::binary_search(known, std::string(syscall)));
    }
  }
  CHECK(find_group("@none") == nullptr);
}

}  // namespace
}  // namespace srt::seccomp
