#include "compiler/backend/seccomp/assembler.h"

#include <doctest/doctest.h>

#include <cerrno>

#include "tests/unit/compiler/backend/seccomp/calls.h"

namespace srt::seccomp {
namespace {

using Label = Assembler::Label;

constexpr std::uint32_t kNumber = offsetof(seccomp_data, nr);
constexpr Verdict kNear = fail_with(EPERM);
constexpr Verdict kFar = fail_with(ENOSYS);

void pad(Assembler& assembler, std::size_t instructions) {
  for (std::size_t i = 0; i < instructions; ++i) assembler.keep_bits(~0U);
}

Verdict run(const Assembler& assembler, std::uint32_t number) {
  return verdict(interpreter(assembler.finish()), call(Arch::x86_64, number));
}

TEST_CASE("branches arrive whatever the distances of their targets") {
  for (const std::size_t before : {0, 1, 252, 253, 254, 255, 256, 300, 2000}) {
    for (const std::size_t between : {0, 1, 2, 3, 252, 253, 254, 255, 1500}) {
      for (const bool farther_if_equal : {false, true}) {
        CAPTURE(before);
        CAPTURE(between);
        CAPTURE(farther_if_equal);
        // The targets are loads, which cannot be copied like returns.
        Assembler assembler;
        assembler.ret(kFar);
        const Label farther = assembler.load(kNumber);
        pad(assembler, between);
        assembler.ret(kNear);
        const Label nearer = assembler.load(kNumber);
        pad(assembler, before);
        assembler.branch(BPF_JEQ, 7, farther_if_equal ? farther : nearer,
                         farther_if_equal ? nearer : farther);
        assembler.load(kNumber);
        CHECK(run(assembler, 7) == (farther_if_equal ? kFar : kNear));
        CHECK(run(assembler, 8) == (farther_if_equal ? kNear : kFar));
      }
    }
  }
}

TEST_CASE("a target within reach costs nothing but the branch") {
  Assembler assembler;
  const Label far = assembler.ret(kFar);
  pad(assembler, 253);
  const Label near = assembler.ret(kNear);
  assembler.branch(BPF_JEQ, 7, far, near);
  CHECK(assembler.finish()->size() == 1 + 253 + 1 + 1);
}

TEST_CASE("a far return is copied, once for all that are near the copy") {
  Assembler assembler;
  const Label far = assembler.ret(kFar);
  pad(assembler, 300);
  const Label near = assembler.ret(kNear);
  assembler.branch(BPF_JEQ, 1, far, near);
  assembler.branch(BPF_JEQ, 2, far, near);
  assembler.load(kNumber);
  const auto program = assembler.finish();
  REQUIRE(program);
  CHECK(program->size() == 1 + 300 + 1 + 1 + 2 + 1);
  CHECK(run(assembler, 2) == kFar);
  CHECK(run(assembler, 1) == kNear);
}

TEST_CASE("stepping stones are left for new ones when they are far themselves") {
  Assembler assembler;
  assembler.ret(kFar);
  const Label far = assembler.load(kNumber);
  const Label near = assembler.ret(kNear);
  for (int hop = 0; hop < 5; ++hop) {
    pad(assembler, 250);
    assembler.branch(BPF_JEQ, 7, far, near);
  }
  assembler.load(kNumber);
  CHECK(run(assembler, 7) == kFar);
  CHECK(run(assembler, 8) == kNear);
}

TEST_CASE("going on at what is next costs nothing, elsewhere one instruction") {
  Assembler assembler;
  const Label last = assembler.ret(kFar);
  CHECK(assembler.go_to(last) == last);
  assembler.ret(kNear);
  assembler.go_to(last);
  CHECK(assembler.finish()->size() == 3);
  CHECK(run(assembler, 0) == kFar);
}

TEST_CASE("a program that the kernel would refuse for its length is an error") {
  Assembler assembler;
  assembler.ret(kAllow);
  pad(assembler, BPF_MAXINSNS - 1);
  CHECK(assembler.finish());
  pad(assembler, 1);
  CHECK_FALSE(assembler.finish());
}

}  // namespace
}  // namespace srt::seccomp
