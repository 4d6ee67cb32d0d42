#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <random>

#include "compiler/backend/seccomp/const_allow.h"
#include "compiler/backend/seccomp/filter.h"
#include "runtime/bundle/guarded_filter.h"
#include "tests/unit/compiler/backend/seccomp/calls.h"

// Filters that hand over what makes names.
namespace srt::seccomp {
namespace {

const FilterOptions kGuarding = [] {
  FilterOptions options;
  options.guard_names = true;
  return options;
}();

std::vector<std::uint64_t> packed(const std::vector<sock_filter>& program) {
  std::vector<std::uint64_t> out;
  for (const sock_filter& instruction : program) {
    out.push_back(std::bit_cast<std::uint64_t>(instruction));
  }
  return out;
}

std::vector<sock_filter> unpacked(const std::vector<std::uint64_t>& program) {
  std::vector<sock_filter> out;
  for (const std::uint64_t word : program) out.push_back(std::bit_cast<sock_filter>(word));
  return out;
}

TEST_CASE("what makes a name is handed over, whatever it is called") {
  for (const Arch arch : kArchs) {
    const auto filter = interpreter(build_filter(arch, kGuarding));
    const auto answer = [&](std::string_view syscall, const Arguments& arguments) {
      const auto number = number_of(arch, syscall);
      return number ? std::optional(verdict(filter, call(arch, *number, arguments))) : std::nullopt;
    };
    for (const char* syscall :
         {"mkdir", "mkdirat", "mknod", "mknodat", "creat", "symlink", "symlinkat", "link", "linkat",
          "rename", "renameat", "renameat2", "bind", "umask"}) {
      CAPTURE(syscall);
      CHECK(answer(syscall, {}).value_or(kGuarded) == kGuarded);
    }
    CHECK(answer("unlink", {}).value_or(kGuardedRemoval) == kGuardedRemoval);
    CHECK(answer("unlinkat", {}) == kGuardedRemoval);
    CHECK(answer("rmdir", {}).value_or(kAllow) == kAllow);
    CHECK(answer("openat2", {}) == fail_with(ENOSYS));

    CHECK(answer("openat", {0, 0, O_RDWR | O_TRUNC}) == kAllow);
    CHECK(answer("openat", {0, 0, O_CREAT, 0644}) == kGuarded);
    CHECK(answer("openat", {0, 0, O_CREAT | O_EXCL | (1ULL << 32), 0}) == kGuarded);
    CHECK(answer("openat", {0, 0, O_CREAT, S_ISUID}) == fail_with(EPERM));
    CHECK(answer("openat", {0, 0, O_TMPFILE | O_RDWR, 0600}) == kAllow);
    CHECK(answer("openat", {0, 0, O_TMPFILE | O_RDWR, S_ISGID}) == fail_with(EPERM));
    CHECK(answer("openat", {0, 0, O_PATH | O_CREAT, 0}) == kAllow);
    CHECK(answer("ioctl", {0, 0x5000940e}) == fail_with(EPERM));
  }
}

TEST_CASE("a call that the policy denies is not handed over") {
  FilterOptions options = kGuarding;
  options.denied = {"mkdirat", "renameat2"};
  for (const Arch arch : kArchs) {
    const auto filter = interpreter(build_filter(arch, options));
    CHECK(verdict(filter, call(arch, *number_of(arch, "mkdirat"))) == fail_with(EPERM));
    CHECK(verdict(filter, call(arch, *number_of(arch, "renameat2"))) == fail_with(EPERM));
    CHECK(verdict(filter, call(arch, *number_of(arch, "linkat"))) == kGuarded);
  }
}

TEST_CASE("without its guard a filter decides as one that never had any, and as cheaply") {
  std::mt19937_64 random(1);
  for (const Arch arch : kArchs) {
    const auto guarded = build_filter(arch, kGuarding);
    REQUIRE(guarded);
    CHECK(guarded_filter::is_guarded(packed(*guarded)));
    const std::vector<std::uint64_t> bare = guarded_filter::without_guard(packed(*guarded));
    CHECK_FALSE(guarded_filter::is_guarded(bare));
    const auto filter = interpreter(unpacked(bare));
    const auto plain = interpreter(build_filter(arch, {}));
    for (std::uint32_t number = 0; number < 512; ++number) {
      CAPTURE(number);
      if (is_const_allow(plain.program(), arch, number)) {
        REQUIRE(is_const_allow(filter.program(), arch, number));
      }
      if (number_of(arch, "ioctl") == number) continue;  // subvolumes stay refused
      for (int i = 0; i < 50; ++i) {
        Arguments arguments;
        for (std::uint64_t& argument : arguments) argument = random() >> random() % 64;
        REQUIRE(verdict(filter, call(arch, number, arguments)) ==
                verdict(plain, call(arch, number, arguments)));
      }
    }
    const auto makes = interpreter(unpacked(guarded_filter::without_removals(packed(*guarded))));
    CHECK(verdict(makes, call(arch, *number_of(arch, "unlinkat"))) == kAllow);
    CHECK(verdict(makes, call(arch, *number_of(arch, "mkdirat"))) == kGuarded);
  }
}

}  // namespace
}  // namespace srt::seccomp
