#include "compiler/verify/filter.h"

#include <doctest/doctest.h>
#include <linux/audit.h>
#include <linux/seccomp.h>

#include <cerrno>
#include <cstddef>

#include "compiler/backend/seccomp/filter.h"

// Seccomp programs held against the rules that they should have come of.
namespace srt::verify {
namespace {

std::vector<Difference> differences(const std::vector<sock_filter>& program,
                                    const seccomp::FilterOptions& wanted,
                                    seccomp::Arch arch = seccomp::Arch::x86_64) {
  std::vector<Difference> out;
  check_filter(program, arch, seccomp::default_rules(wanted), out);
  return out;
}

std::vector<sock_filter> program_of(const seccomp::FilterOptions& options,
                                    seccomp::Arch arch = seccomp::Arch::x86_64) {
  return seccomp::build_filter(arch, options).value();
}

bool has(const std::vector<Difference>& found, Kind kind, const std::string& subject) {
  return std::any_of(found.begin(), found.end(), [&](const Difference& difference) {
    return difference.kind == kind && difference.subject.starts_with(subject);
  });
}

TEST_CASE("the program of the same options is equal, on every architecture") {
  for (const seccomp::Arch arch : seccomp::kArchs) {
    for (const bool is_open : {false, true}) {
      const seccomp::FilterOptions options{.allow_unix_sockets = is_open,
                                           .allow_namespaces = is_open,
                                           .guard_names = is_open,
                                           .denied = {"mkdir"},
                                           .opened = {"ptrace"}};
      CHECK(differences(program_of(options, arch), options, arch).empty());
    }
  }
}

TEST_CASE("what a program allows beyond the rules is named with its arguments") {
  const auto open = program_of({.allow_unix_sockets = true});
  const auto found = differences(open, {});
  REQUIRE(has(found, Kind::looser, "`socket` with 0x1"));
  CHECK(found[0].artifact == "allow");
  CHECK(has(differences(program_of({}), {.allow_unix_sockets = true}), Kind::tighter, "`socket`"));
  CHECK(has(differences(program_of({}), {.denied = {"mkdir"}}), Kind::looser, "`mkdir`"));
}

TEST_CASE("what goes past the guard is looser, and the reverse is tighter") {
  const seccomp::FilterOptions guarded{.guard_names = true};
  const auto without = differences(program_of({}), guarded);
  CHECK(has(without, Kind::looser, "`"));
  CHECK(without[0].policy.find("ask the guard") != std::string::npos);
  CHECK(has(differences(program_of(guarded), {}), Kind::tighter, "`"));
}

TEST_CASE("another architecture, unknown calls and errors count") {
  const std::vector<sock_filter> allow_all = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  CHECK(has(differences(allow_all, {}), Kind::looser, "a call of the architecture"));
  std::vector<sock_filter> other_error = program_of({});
  for (sock_filter& step : other_error) {
    if (step.code == (BPF_RET | BPF_K) && step.k == (SECCOMP_RET_ERRNO | ENOSYS)) {
      step.k = SECCOMP_RET_ERRNO | EPERM;
    }
  }
  CHECK(has(differences(other_error, {}), Kind::other, "call "));
}

TEST_CASE("what cannot be followed is not taken for anything") {
  const std::vector<std::vector<sock_filter>> programs = {
      {},
      {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, instruction_pointer)),
       BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)},
      {BPF_STMT(BPF_RET | BPF_A, 0)},
      {BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 0), BPF_STMT(BPF_RET | BPF_K, 0)},
      {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)),
       BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 1, 0, 0), BPF_STMT(BPF_RET | BPF_K, 0)},
      {BPF_STMT(BPF_JMP | BPF_JA, 7)},
  };
  for (const std::vector<sock_filter>& program : programs) {
    const auto found = differences(program, {});
    REQUIRE(found.size() == 1);
    CHECK(found[0].kind == Kind::unproved);
  }
  CHECK_FALSE(read_filter(""));
  CHECK_FALSE(read_filter("1234567"));
}

}  // namespace
}  // namespace srt::verify
