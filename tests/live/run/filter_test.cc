#include <doctest/doctest.h>

#include <map>
#include <sstream>
#include <string>

#include "tests/live/run/account.h"

namespace srt::live {
namespace {

/// What came of each call of srt-probe, by its name.
using Outcomes = std::map<std::string, std::string>;

Outcomes probe(const Account& account, const std::string& policy) {
  const Ending ending =
      account.run({"srt-run", account.compile(policy), programs() + "/srt-probe"});
  CAPTURE(ending.err);
  REQUIRE(ending.status == 0);
  Outcomes outcomes;
  std::istringstream lines(ending.out);
  for (std::string name, outcome; lines >> name >> outcome;) outcomes[name] = outcome;
  return outcomes;
}

void check_outcomes(const Outcomes& outcomes, const Outcomes& expected) {
  for (const auto& [name, outcome] : expected) {
    CAPTURE(name);
    REQUIRE(outcomes.contains(name));
    CHECK(outcomes.at(name) == outcome);
  }
}

TEST_CASE("C28, C29, C30, R34, C35: system calls that lead out are refused in the command") {
  Outcomes expected = {
      {"unix-stream", "EACCES"},
      {"unix-datagram", "EACCES"},
      {"unix-upper-half", "EACCES"},
      {"unix-pair", "done"},
      {"unix-datagram-pair", "EACCES"},
      {"packet", "EAFNOSUPPORT"},
      {"vsock", "EAFNOSUPPORT"},
      {"netlink-audit", "EPROTONOSUPPORT"},
      {"clone3", "ENOSYS"},
      {"unknown", "ENOSYS"},
#ifdef __x86_64__
      {"x32-getpid", "ENOSYS"},
      {"x32-socket", "ENOSYS"},
#endif
  };
  for (const char* name : {"raw",
                           "io_uring_setup",
                           "io_uring_enter",
                           "ptrace",
                           "process_vm_readv",
                           "process_vm_writev",
                           "pidfd_getfd",
                           "unshare-user",
                           "unshare-mount",
                           "clone-user",
                           "setns",
                           "mount",
                           "umount2",
                           "pivot_root",
                           "chroot",
                           "open_tree",
                           "move_mount",
                           "fsopen",
                           "fsmount",
                           "mount_setattr",
                           "open_by_handle_at",
                           "keyctl",
                           "add_key",
                           "bpf",
                           "perf_event_open",
                           "userfaultfd",
                           "init_module",
                           "finit_module",
                           "kexec_load",
                           "reboot",
                           "TIOCSTI",
                           "TIOCSTI-upper-half",
                           "TIOCLINUX"}) {
    expected[name] = "EPERM";
  }
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
#ifdef __x86_64__
    // A kernel without the 32-bit table ends the caller itself.
    const bool has_i386 = account.run({"srt-probe", "i386"}).out == "i386-getpid done\n";
    expected["i386-getpid"] = has_i386 ? "SYS" : "SEGV";
#endif
    const Outcomes outcomes = probe(account, "policy \"x\"");
    check_outcomes(outcomes, expected);
    CHECK(outcomes.size() == expected.size());
  }
}

TEST_CASE("R37: the command has no capability, no new privileges, and a filter; root too") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const Ending ending = account.run_under(
        "allow write /**",
        "grep -E '^(Cap...|NoNewPrivs|Seccomp|Seccomp_filters|Groups):' /proc/self/status | tr -d "
        "'\\t '; mount -t tmpfs x /mnt; hostname x; chown 1 . ; unshare -r true; nsenter -t 1 -m "
        "true");
    const std::string none = "0000000000000000\n";
    const std::string groups = ending.out.substr(0, ending.out.find('\n') + 1);
    CHECK(groups == "Groups:\n");
    CHECK(ending.out == groups + "CapInh:" + none + "CapPrm:" + none + "CapEff:" + none +
                            "CapBnd:" + none + "CapAmb:" + none +
                            "NoNewPrivs:1\nSeccomp:2\nSeccomp_filters:1\n");
    CHECK(ending.status != 0);
  }
}

TEST_CASE("R34, R59: the launcher's processes are neither seen, read nor signalled from inside") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const Ending ending = account.run_under(
        "allow write /**\nallow connect example.com",
        "cat /proc/[0-9]*/comm; for f in environ mem maps; do head -c1 /proc/1/$f; done "
        "2>/dev/null; ls /proc/1/root/ 2>/dev/null; readlink /proc/1/exe /proc/1/fd/*; "
        "kill -KILL 1; kill -TERM 1; echo alive");
    CAPTURE(ending.err);
    CHECK(ending.out == "srt-stage\nsh\nalive\n");
  }
}

TEST_CASE("R55: the modes of the machine's devices stay as they are, by whatever descriptor") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    // To the mode that they have, so that nothing is lost where it works.
    const Ending ending = account.run_under(
        "allow write /**",
        "for f in null zero full random urandom tty; do\n"
        "  chmod $(stat -c %a /dev/$f) /dev/$f 2>/dev/null && echo $f\ndone\n"
        "chmod 666 /proc/self/fd/0 2>/dev/null && echo input\n"
        "echo x >/dev/null && head -c1 /dev/zero | wc -c; cat; readlink /proc/self/fd/0");
    CHECK(ending.out == "1\n/dev/null\n");
  }
}

TEST_CASE("R55: no setting of the kernel opens for writing, and all that is public can be read") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const Ending ending =
        account.run_under("allow write /**",
                          "for f in $(find /proc/sys /proc/sysrq-trigger -type f 2>/dev/null); do\n"
                          "  true 2>/dev/null >>$f && echo $f\ndone; cat /proc/sys/kernel/ostype; "
                          "head -c1 /proc/kcore 2>/dev/null; true");
    CHECK(ending.out == "Linux\n");
  }
}

TEST_CASE("user namespaces are made inside where the policy says so, and undo no mount") {
  const std::string policy = "allow write .\ndeny read ./hidden\ndeny write ./locked\n";
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.directory("project/hidden");
    account.file("project/hidden/file", "secret\n");
    account.file("project/locked", "kept\n");
    CHECK(account.run_under(policy, "unshare -U true").status == 1);
    const std::string weaker = policy + "option nested = weaker\n";
    CHECK(account.run_under(weaker, "unshare -U true").status == 0);
    // The kernel lets nobody without capabilities map root once more (verify_root_map() of
    // kernel/user_namespace.c).
    if (user == 0) continue;
    const Ending ending = account.run_under(
        weaker,
        "unshare -Urm sh -c '"
        "mount -t tmpfs none /mnt && mkdir /mnt/copy && echo mounted; umount hidden; umount locked;"
        "mount -o remount,bind,rw locked; mount --rbind . /mnt/copy && echo bound;"
        "cat hidden/file /mnt/copy/hidden/file;"
        "echo changed >locked; echo changed >/mnt/copy/locked; cat locked;"
        "mount --bind . /mnt/copy && cat /mnt/copy/hidden/file' 2>/dev/null");
    CHECK(ending.out == "mounted\nbound\nkept\n");
  }
}

}  // namespace
}  // namespace srt::live
