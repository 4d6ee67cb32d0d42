// The default rules, written again in libseccomp's terms: both programs must give one verdict on
// every number with every boundary value, but for the differences listed here.

#include <asm/ioctls.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <set>

#include "compiler/backend/seccomp/filter.h"
#include "runtime/base/unique_fd.h"
#include "tests/unit/compiler/backend/seccomp/calls.h"

namespace srt::seccomp {
namespace {

constexpr std::uint64_t kIntMask = 0xffffffff;
constexpr std::uint32_t kX32 = 0x40000000;
constexpr std::uint64_t kTemporaryFile = O_TMPFILE & ~O_DIRECTORY;

struct Bits {
  std::uint64_t mask;
  std::uint64_t value;
};

/// Disjoint masked comparisons that together hold for all 32-bit words except `excluded`:
/// libseccomp has no "not equal" under a mask.
std::vector<Bits> all_but(const std::set<std::uint64_t>& excluded, std::uint64_t prefix = 0,
                          unsigned prefix_bits = 0) {
  const std::uint64_t mask = kIntMask << (32 - prefix_bits) & kIntMask;
  const bool touched =
      std::ranges::any_of(excluded, [&](std::uint64_t value) { return (value & mask) == prefix; });
  if (!touched) return {{mask, prefix}};
  if (prefix_bits == 32) return {};
  std::vector<Bits> words = all_but(excluded, prefix, prefix_bits + 1);
  const std::uint64_t next_bit = 1ULL << (31 - prefix_bits);
  for (const Bits& bits : all_but(excluded, prefix | next_bit, prefix_bits + 1)) {
    words.push_back(bits);
  }
  return words;
}

/// A filter of libseccomp for one architecture, which allows what no rule names.
class LibseccompFilter {
 public:
  LibseccompFilter(Arch arch, bool unix_sockets)
      : context_(seccomp_init(SCMP_ACT_ALLOW), &seccomp_release) {
    REQUIRE(context_);
    REQUIRE(seccomp_attr_set(context_.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0);
    if (audit_arch(arch) != seccomp_arch_native()) {
      REQUIRE(seccomp_arch_add(context_.get(), audit_arch(arch)) == 0);
      REQUIRE(seccomp_arch_remove(context_.get(), seccomp_arch_native()) == 0);
    }
    for (const Rule& rule : default_rules({})) {
      if (!rule.clauses.empty()) continue;
      for (const std::string_view syscall : rule.syscalls) refuse(syscall, rule.otherwise, {});
    }
    refuse_by_arguments(unix_sockets);
  }

  testing::BpfInterpreter export_program() const {
    const UniqueFd file(memfd_create("libseccomp", MFD_CLOEXEC));
    REQUIRE(file);
    REQUIRE(seccomp_export_bpf(context_.get(), file.get()) == 0);
    const auto bytes = static_cast<std::size_t>(lseek(file.get(), 0, SEEK_END));
    std::vector<sock_filter> program(bytes / sizeof(sock_filter));
    REQUIRE(pread(file.get(), program.data(), bytes, 0) == static_cast<ssize_t>(bytes));
    return interpreter(std::move(program));
  }

 private:
  static scmp_arg_cmp masked(unsigned argument, Bits bits) {
    return {argument, SCMP_CMP_MASKED_EQ, bits.mask, bits.value};
  }

  void refuse(std::string_view syscall, Verdict verdict, std::vector<scmp_arg_cmp> comparisons) {
    const int number = seccomp_syscall_resolve_name(std::string(syscall).c_str());
    const auto count = static_cast<unsigned>(comparisons.size());
    const int error =
        seccomp_rule_add_array(context_.get(), verdict.action, number, count, comparisons.data());
    REQUIRE_MESSAGE(error == 0, std::string(syscall));
  }

  void refuse_by_arguments(bool unix_sockets) {
    const auto domain = [](std::uint64_t value) { return masked(0, {kIntMask, value}); };
    const auto type = [](std::uint64_t value) { return masked(1, {0xf, value}); };
    for (std::uint64_t value = 0; value < 16; ++value) {
      if (value != SOCK_STREAM && value != SOCK_DGRAM) {
        refuse("socket", fail_with(EPERM), {domain(AF_INET), type(value)});
        refuse("socket", fail_with(EPERM), {domain(AF_INET6), type(value)});
      }
      if (!unix_sockets && value != SOCK_STREAM && value != SOCK_SEQPACKET) {
        refuse("socketpair", fail_with(EACCES), {domain(AF_UNIX), type(value)});
      }
    }
    if (!unix_sockets) refuse("socket", fail_with(EACCES), {domain(AF_UNIX)});
    for (const Bits& bits : all_but({NETLINK_ROUTE})) {
      refuse("socket", fail_with(EPROTONOSUPPORT), {domain(AF_NETLINK), masked(2, bits)});
    }
    for (const Bits& bits : all_but({AF_UNIX, AF_INET, AF_INET6, AF_NETLINK})) {
      refuse("socket", fail_with(EAFNOSUPPORT), {masked(0, bits)});
    }
    for (const Bits& bits : all_but({AF_UNIX})) {
      refuse("socketpair", fail_with(EAFNOSUPPORT), {masked(0, bits)});
    }
    for (const std::uint64_t flag : {CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
                                     CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET}) {
      refuse("clone", fail_with(EPERM), {masked(0, {flag, flag})});
    }
    constexpr std::uint64_t kHarmless =
        CLONE_FILES | CLONE_FS | CLONE_SYSVSEM | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM;
    for (unsigned bit = 0; bit < 64; ++bit) {
      const std::uint64_t flag = 1ULL << bit;
      if ((flag & kHarmless) == 0) refuse("unshare", fail_with(EPERM), {masked(0, {flag, flag})});
    }
    refuse("ioctl", fail_with(EPERM), {masked(1, {kIntMask, TIOCSTI})});
    refuse("ioctl", fail_with(EPERM), {masked(1, {kIntMask, TIOCLINUX})});
    for (const Bits& bits : all_but({0, 0x8, 0x20000, 0x20008, 0xffffffff})) {
      refuse("personality", fail_with(EPERM), {masked(0, bits)});
    }
    for (const std::uint64_t bit : {S_ISUID, S_ISGID}) {
      const auto mode = [&](unsigned argument) { return masked(argument, {bit, bit}); };
      for (const char* syscall : {"chmod", "fchmod", "creat", "mknod"}) {
        refuse(syscall, fail_with(EPERM), {mode(1)});
      }
      for (const char* syscall : {"fchmodat", "fchmodat2", "mknodat"}) {
        refuse(syscall, fail_with(EPERM), {mode(2)});
      }
      for (const std::uint64_t flag : {std::uint64_t{O_CREAT}, kTemporaryFile}) {
        refuse("open", fail_with(EPERM), {masked(1, {flag, flag}), mode(2)});
        refuse("openat", fail_with(EPERM), {masked(2, {flag, flag}), mode(3)});
      }
    }
  }

  std::unique_ptr<void, decltype(&seccomp_release)> context_;
};

/// A difference that is meant.
struct Intended {
  const char* reason;
  bool (*concerns)(Arch, std::uint32_t number);
  Verdict ours;
  Verdict theirs;
};

const Intended kIntended[] = {
    {"libseccomp's default holds for numbers without a call, ours is to have no such call",
     [](Arch arch, std::uint32_t number) {
       const bool is_x32 = arch == Arch::x86_64 && number >= kX32;
       return !is_x32 && !known_syscall(arch, number);
     },
     fail_with(ENOSYS), kAllow},
    {"x32 is a foreign architecture to libseccomp, an unknown number to us",
     [](Arch arch, std::uint32_t number) { return arch == Arch::x86_64 && number >= kX32; },
     fail_with(ENOSYS), kKillProcess},
    {"-1, by which a tracer skips a call, is no x32 call to libseccomp",
     [](Arch arch, std::uint32_t number) { return arch == Arch::x86_64 && number == ~0U; },
     fail_with(ENOSYS), kAllow},
};

class Comparison {
 public:
  Comparison(Arch arch, bool unix_sockets)
      : arch_(arch),
        ours_(interpreter(build_filter(arch, {.allow_unix_sockets = unix_sockets}))),
        theirs_(LibseccompFilter(arch, unix_sockets).export_program()) {}

  void compare(std::uint32_t number, const Arguments& arguments) {
    const seccomp_data data = call(arch_, number, arguments);
    const Verdict ours = verdict(ours_, data);
    const Verdict theirs = verdict(theirs_, data);
    if (ours == theirs) return;
    for (const Intended& intended : kIntended) {
      if (intended.ours != ours || intended.theirs != theirs) continue;
      if (!intended.concerns(arch_, number)) continue;
      seen_.insert(&intended);
      return;
    }
    FAIL(fmt::format("{} {} ({:#x}, {:#x}, {:#x}): {:#x}, libseccomp {:#x}", arch_name(arch_),
                     number, arguments[0], arguments[1], arguments[2], ours.action, theirs.action));
  }

  const std::set<const Intended*>& seen() const { return seen_; }
  std::size_t our_size() const { return ours_.program().size(); }
  std::size_t their_size() const { return theirs_.program().size(); }

 private:
  Arch arch_;
  testing::BpfInterpreter ours_;
  testing::BpfInterpreter theirs_;
  std::set<const Intended*> seen_;
};

/// Each side of every value that a rule compares with, and flags that callers add.
constexpr std::uint64_t kLowWords[] = {
    0,       1,       2,       3,          4,          5,          6,          8,
    9,       10,      11,      15,         16,         17,         0x11,       0x21,
    0x80,    0x400,   0x40,    0x800,      0xbff,      0x400000,   0x5411,     0x5412,
    0x5413,  0x541c,  0x541d,  0x20000,    0x20008,    0x40000,    0x80801,    0x80802,
    0x80805, 0x50f00, 0x10000, 0x02000000, 0x10000000, 0x40000011, 0x7fffffff, 0xffffffff};

/// Of the third argument the protocol of netlink, the flags of openat and modes are judged.
constexpr std::uint64_t kThirdWords[] = {NETLINK_ROUTE, 1,       O_CREAT,    kTemporaryFile,
                                         S_ISUID,       S_ISGID, 0x80000000, 0xffffffff};

/// What is above the low words of the three arguments.
constexpr std::array<std::uint64_t, 3> kHighWords[] = {
    {0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {~0U, ~0U, ~0U}, {0x80000000, 0x80000000, 0}};

void compare_everything(Comparison& comparison, Arch arch) {
  std::set<std::uint32_t> judged;
  for (const Rule& rule : default_rules({})) {
    if (rule.clauses.empty()) continue;
    for (const std::string_view name : rule.syscalls) {
      if (const auto number = number_of(arch, name)) judged.insert(*number);
    }
  }
  for (std::uint32_t number = 0; number < 1024; ++number) {
    for (const std::uint64_t value : {std::uint64_t{0}, kIntMask, ~std::uint64_t{0}}) {
      comparison.compare(number, {value, value, value, value, value, value});
      comparison.compare(kX32 | number, {value, value, value, value, value, value});
    }
  }
  for (const std::uint32_t number : {4095U, 0x7fffffffU, 0x80000000U, 0xfffffffeU, 0xffffffffU}) {
    comparison.compare(number, {});
  }
  for (const std::uint32_t number : judged) {
    for (const std::uint64_t first : kLowWords) {
      for (const std::uint64_t second : kLowWords) {
        for (const std::uint64_t third : kThirdWords) {
          for (const auto& high : kHighWords) {
            // The fourth is the mode of openat, whose first is not judged.
            comparison.compare(number, {first | high[0] << 32, second | high[1] << 32,
                                        third | high[2] << 32, first | high[0] << 32});
          }
        }
      }
    }
  }
}

TEST_CASE("libseccomp's program for the default rules differs only where that is meant") {
  std::set<const Intended*> seen;
  for (const Arch arch : kArchs) {
    for (const bool unix_sockets : {false, true}) {
      Comparison comparison(arch, unix_sockets);
      compare_everything(comparison, arch);
      seen.insert(comparison.seen().begin(), comparison.seen().end());
      MESSAGE(arch_name(arch), ": ", comparison.our_size(), " instructions, libseccomp ",
              comparison.their_size());
    }
  }
  for (const Intended& intended : kIntended)
    CHECK_MESSAGE(seen.contains(&intended), intended.reason);
}

}  // namespace
}  // namespace srt::seccomp
