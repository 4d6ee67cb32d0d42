#include "compiler/backend/seccomp/ranges.h"

#include <doctest/doctest.h>

#include <cerrno>

namespace srt::seccomp {
namespace {

const Decision kAllowed = kAllow;
const Decision kDenied = fail_with(EPERM);
const Decision kChecked = NodeId{0};
const Decision kCheckedOtherwise = NodeId{1};

TEST_CASE("neighbours with one decision are one range") {
  const auto ranges = merge_ranges({kAllowed, kAllowed, kDenied, kDenied, kAllowed}, kDenied);
  CHECK(ranges == std::vector<Range>{{0, kAllowed}, {2, kDenied}, {4, kAllowed}, {5, kDenied}});
}

TEST_CASE("numbers beyond the last join its range if they are decided alike") {
  CHECK(merge_ranges({kAllowed, kDenied}, kDenied) ==
        std::vector<Range>{{0, kAllowed}, {1, kDenied}});
  CHECK(merge_ranges({}, kDenied) == std::vector<Range>{{0, kDenied}});
}

TEST_CASE("different checks stay apart") {
  CHECK(merge_ranges({kChecked, kCheckedOtherwise, kCheckedOtherwise}, kDenied) ==
        std::vector<Range>{{0, kChecked}, {1, kCheckedOtherwise}, {3, kDenied}});
}

}  // namespace
}  // namespace srt::seccomp
