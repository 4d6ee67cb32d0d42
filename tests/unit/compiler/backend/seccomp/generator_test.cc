#include "compiler/backend/seccomp/generator.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <deque>

#include "compiler/backend/seccomp/const_allow.h"
#include "tests/unit/compiler/backend/seccomp/calls.h"

namespace srt::seccomp {
namespace {

constexpr Verdict kDenied = fail_with(EPERM);
constexpr Verdict kAbsent = fail_with(ENOSYS);

Rule rule(std::string_view syscall, Verdict otherwise, std::vector<Clause> clauses = {}) {
  return {"test", "of a test", {syscall}, otherwise, std::move(clauses)};
}

std::string message_of(const std::vector<Rule>& rules) {
  const auto program = generate(Arch::x86_64, rules);
  return program ? "" : program.error().message;
}

/// The verdict on `syscall` of x86_64 under the one rule.
Verdict judge(const Rule& only, std::string_view syscall, const Arguments& arguments) {
  const auto filter = interpreter(generate(Arch::x86_64, std::vector{only}));
  return verdict(filter, call(Arch::x86_64, *number_of(Arch::x86_64, syscall), arguments));
}

TEST_CASE("without rules every known call is allowed and every other is absent") {
  for (const Arch arch : kArchs) {
    const auto filter = interpreter(generate(arch, {}));
    for (std::uint32_t number = 0; number < 1024; ++number) {
      REQUIRE(verdict(filter, call(arch, number)) ==
              (known_syscall(arch, number) ? kAllow : kAbsent));
    }
  }
}

TEST_CASE("an int is compared by its low word whatever is above it") {
  const Rule only = rule("socket", kAllow, {{{{0, ~0ULL, 7}}, kDenied}});
  CHECK(judge(only, "socket", {7}) == kDenied);
  CHECK(judge(only, "socket", {7 | 1ULL << 32}) == kDenied);
  CHECK(judge(only, "socket", {0xffffffff00000007}) == kDenied);
  CHECK(judge(only, "socket", {8}) == kAllow);
  CHECK(judge(only, "socket", {7ULL << 32}) == kAllow);
}

TEST_CASE("an unsigned long is compared by both words") {
  const Rule only = rule("unshare", kAllow, {{{{0, ~0ULL, 0x500000007}}, kDenied}});
  CHECK(judge(only, "unshare", {0x500000007}) == kDenied);
  CHECK(judge(only, "unshare", {7}) == kAllow);
  CHECK(judge(only, "unshare", {0x500000000}) == kAllow);
  CHECK(judge(only, "unshare", {0x600000007}) == kAllow);
}

TEST_CASE("a mask covers the words it has bits in") {
  const Rule high = rule("unshare", kAllow, {{{{0, 0xff00000000, 0x100000000}}, kDenied}});
  CHECK(judge(high, "unshare", {0x1'0000'0000}) == kDenied);
  CHECK(judge(high, "unshare", {0xff01'ffff'ffff}) == kDenied);
  CHECK(judge(high, "unshare", {0x2'0000'0000}) == kAllow);
  const Rule low = rule("unshare", kAllow, {{{{0, 0xf0, 0x30}}, kDenied}});
  CHECK(judge(low, "unshare", {0xffffffffffffff3f}) == kDenied);
  CHECK(judge(low, "unshare", {0x0f}) == kAllow);
}

TEST_CASE("the first clause that holds decides") {
  const Rule only = rule("socket", fail_with(EINVAL),
                         {
                             {{{0, ~0ULL, 1}, {1, 0xf, 2}}, kAllow},
                             {{{0, ~0ULL, 1}}, kDenied},
                             {{{1, 0xf, 2}}, kAbsent},
                         });
  CHECK(judge(only, "socket", {1, 2}) == kAllow);
  CHECK(judge(only, "socket", {1, 0x12}) == kAllow);
  CHECK(judge(only, "socket", {1, 3}) == kDenied);
  CHECK(judge(only, "socket", {2, 2}) == kAbsent);
  CHECK(judge(only, "socket", {2, 3}) == fail_with(EINVAL));
}

TEST_CASE("checks that decide nothing are left out") {
  const Rule pointless = rule("socket", kDenied, {{{{0, ~0ULL, 1}}, kDenied}});
  const auto shorter = generate(Arch::x86_64, std::vector{rule("socket", kDenied)});
  const auto same = generate(Arch::x86_64, std::vector{pointless});
  REQUIRE(shorter);
  REQUIRE(same);
  CHECK(same->size() == shorter->size());
}

TEST_CASE("a rule about a call that an architecture does not have changes nothing there") {
  const auto with = generate(Arch::aarch64, std::vector{rule("iopl", kDenied)});
  const auto without = generate(Arch::aarch64, {});
  REQUIRE(with);
  REQUIRE(without);
  CHECK(with->size() == without->size());
}

TEST_CASE("rules that cannot be meant are errors") {
  CHECK(message_of({rule("mout", kDenied)}) == "unknown system call `mout`");
  CHECK(message_of({rule("mount", kDenied), rule("mount", kAllow)}) ==
        "two rules name the system call `mount`");
  CHECK(message_of({rule("mount", kAllow, {{{{0, ~0ULL, 1}}, kDenied}})}) ==
        "argument 0 of `mount` cannot be judged");
  CHECK(message_of({rule("socketpair", kAllow, {{{{3, ~0ULL, 1}}, kDenied}})}) ==
        "argument 3 of `socketpair` cannot be judged");
  CHECK(message_of({rule("socket", kAllow, {{{{0, ~0ULL, 1ULL << 32}}, kDenied}})}) ==
        "argument 0 of `socket` is never 0x100000000 under the mask 0xffffffff");
  CHECK(message_of({rule("socket", kAllow, {{{{1, 0xf, 0x10}}, kDenied}})}) ==
        "argument 1 of `socket` is never 0x10 under the mask 0xf");
}

TEST_CASE("one decision for every number needs no tree") {
  std::deque<std::string> names;
  std::vector<Rule> rules;
  for (std::uint32_t number = 0; number <= kLastReviewedNumber; ++number) {
    if (auto name = known_syscall(Arch::x86_64, number)) {
      rules.push_back(rule(names.emplace_back(*std::move(name)), kAbsent));
    }
  }
  const auto filter = interpreter(generate(Arch::x86_64, rules));
  CHECK(verdict(filter, call(Arch::x86_64, 0)) == kAbsent);
  CHECK(verdict(filter, call(Arch::aarch64, 0)) == kKillProcess);
}

TEST_CASE("programs longer than a conditional jump are right about every number") {
  // Every other call denied with an error of its own, and long argument checks far from the root.
  std::vector<Clause> values;
  for (std::uint64_t value = 0; value < 300; ++value) {
    values.push_back({{{0, ~0ULL, 2 * value}}, fail_with(static_cast<int>(1 + value % 90))});
  }
  std::deque<std::string> names;
  std::vector<Rule> rules = {rule("socket", kAllow, values), rule("personality", kDenied, values)};
  const auto is_judged = [](std::string_view name) {
    return name == "socket" || name == "personality";
  };
  const auto own_errno = [](std::uint32_t number) { return static_cast<int>(number % 4000 + 1); };
  for (std::uint32_t number = 0; number <= kLastReviewedNumber; number += 2) {
    auto name = known_syscall(Arch::x86_64, number);
    if (!name || is_judged(*name)) continue;
    rules.push_back(rule(names.emplace_back(*std::move(name)), fail_with(own_errno(number))));
  }
  const auto filter = interpreter(generate(Arch::x86_64, rules));
  REQUIRE(filter.program().size() > 1000);
  for (std::uint32_t number = 0; number < 1024; ++number) {
    CAPTURE(number);
    const auto name = known_syscall(Arch::x86_64, number);
    if (name && is_judged(*name)) continue;
    Verdict expected = number % 2 == 0 ? fail_with(own_errno(number)) : kAllow;
    if (!name) expected = kAbsent;
    REQUIRE(verdict(filter, call(Arch::x86_64, number)) == expected);
  }
  for (std::uint64_t value = 0; value < 700; ++value) {
    CAPTURE(value);
    const bool listed = value % 2 == 0 && value < 600;
    const Verdict own = fail_with(static_cast<int>(1 + value / 2 % 90));
    const std::uint64_t garbage = value << 32;
    const auto judged = [&](std::string_view name) {
      return verdict(filter, call(Arch::x86_64, *number_of(Arch::x86_64, name), {value | garbage}));
    };
    REQUIRE(judged("socket") == (listed ? own : kAllow));
    REQUIRE(judged("personality") == (listed ? own : kDenied));
  }
}

TEST_CASE("a program that is too long for the kernel is an error") {
  std::vector<Rule> rules;
  for (const std::string_view syscall : {"socket", "socketpair", "ioctl"}) {
    // Another error for each call, or they would share their checks.
    const Verdict own = fail_with(static_cast<int>(syscall.size()));
    std::vector<Clause> values;
    for (std::uint64_t value = 1; value <= 400; ++value) {
      values.push_back({{{0, ~0ULL, value}, {1, ~0ULL, value}}, own});
    }
    rules.push_back(rule(syscall, kAllow, values));
  }
  CHECK(message_of(rules).find("the kernel takes 4096") != std::string::npos);
}

}  // namespace
}  // namespace srt::seccomp
