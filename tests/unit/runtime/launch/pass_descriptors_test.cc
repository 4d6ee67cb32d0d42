#include "runtime/launch/pass_descriptors.h"

#include <doctest/doctest.h>
#include <sys/socket.h>

namespace srt {
namespace {

TEST_CASE("the last report of a stage that ended is received, whatever it left unread") {
  for (const bool left_unread : {false, true}) {
    CAPTURE(left_unread);
    int ends[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
    const UniqueFd launcher(ends[0]);
    UniqueFd stage(ends[1]);
    StageReport report = {};
    report.event = StageReport::Event::failed;
    report.failure = StageFailure::mount_missing;
    report.subject = 7;
    REQUIRE(send(stage.get(), &report, sizeof(report), 0) == sizeof(report));
    if (left_unread) REQUIRE(send(launcher.get(), "x", 1, 0) == 1);
    stage.reset();

    ReceivedReport received;
    REQUIRE(receive_report(launcher.get(), received) == sizeof(report));
    CHECK(received.report.subject == 7);
    CHECK(received.descriptors.empty());
    CHECK(receive_report(launcher.get(), received) == 0);
  }
}

}  // namespace
}  // namespace srt
