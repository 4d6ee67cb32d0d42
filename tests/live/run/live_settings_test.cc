#include <doctest/doctest.h>
#include <signal.h>

#include <string>

#include "tests/live/run/account.h"
#include "tests/live/run/controlled_run.h"
#include "tests/live/run/web_server.h"

namespace srt::live {
namespace {

std::string settings_for(const std::string& host) {
  return R"({"network": {"allowedDomains": [")" + host +
         R"("]}, "filesystem": {"allowWrite": ["."]}})";
}

// A script under srt with the settings, and a control descriptor.
class Run : public ControlledRun {
 public:
  Run(Account& account, const std::string& settings, const std::string& script)
      : ControlledRun(account,
                      {"srt", "-s", account.file("settings.json", settings), "--debug",
                       "--control-fd=" + std::to_string(kControl)},
                      script) {}
};

TEST_CASE("lines of settings replace the hosts of a run, and bad ones nothing") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    account.file("page", "hello\n");
    const WebServer server(account / "");
    const std::string web = "127.0.0.1:" + server.port();
    Run run(account, settings_for("127.0.0.1"),
            "get first " + web + "\nls /proc/self/fd | grep -qx 9 && echo inherited\nwait_for a\n" +
                "get second " + web + "\nwait_for b\nget third " + web + "\nwait_for c\n" +
                "get fourth " + web + "\nexit 7");
    CHECK(run.says("first 200"));

    run.tell(settings_for("example.com") + "\n");
    REQUIRE(run.says("the network rules are those of"));
    run.let("a");
    CHECK(run.says("second 403"));

    run.tell("\n  \r\n");
    CHECK(run.is_silent());
    const auto stays = [&](const std::string& line, const std::string& number) {
      run.tell(line + "\n");
      CHECK(run.says("srt: the network rules stay: line " + number + " on the control descriptor"));
    };
    stays("allow connect " + web, "4");
    stays(settings_for("127.0.0.1") + ",", "5");
    stays(R"({"network": {"allowedDomain": ["127.0.0.1"]}})", "6");
    CHECK(contains(run.said(), "<control line 6>:1:14: error: there is no setting"));
    run.let("b");
    CHECK(run.says("third 403"));

    const std::string good = settings_for("127.0.0.1");
    run.tell(good.substr(0, 9));
    run.tell(good.substr(9));
    run.end_control();  // which ends a line too
    REQUIRE(run.says("the network rules are those of"));
    run.let("c");
    CHECK(run.says("fourth 200"));
    CHECK_FALSE(run.says("no such line"));
    CHECK(run.end() == 7);
    CHECK_FALSE(contains(run.said(), "inherited"));
  }
}

TEST_CASE("a crash of what reads settings is told, and the rules stay") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    account.file("page", "hello\n");
    const WebServer server(account / "");
    const std::string web = "127.0.0.1:" + server.port();
    Run run(account, settings_for("example.com"),
            "echo ready\nwait_for a\nget second " + web + "\nexit 7");
    REQUIRE(run.says("ready"));
    run.tell(settings_for("127.0.0.1") + "\n");
    const std::string update = "the network rules are those of `/proc/";
    REQUIRE(run.says(update));
    const std::string process = run.said().substr(run.said().find(update) + update.size());
    REQUIRE(kill(std::stoi(process), SIGSEGV) == 0);
    CHECK(
        run.says("srt: the network rules stay, whatever settings come: what reads them has "
                 "crashed (signal 11)"));
    run.let("a");
    CHECK(run.says("second 200"));
    CHECK(run.end() == 7);
  }
}

TEST_CASE("what listens for settings is out of a terminal's reach, and ends with the run") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    Run run(account, settings_for("example.com"),
            "trap 'echo interrupted' INT HUP QUIT TERM\necho ready\nwait_for a\nkill -KILL $$");
    REQUIRE(run.says("ready"));
    for (const int signal : {SIGINT, SIGQUIT, SIGHUP, SIGTERM}) {
      run.send_all(signal);
      CHECK(run.says("interrupted"));
    }
    run.tell(settings_for("example.org") + "\n");
    CHECK(run.says("the network rules are those of"));
    run.let("a");
    // All that holds its output is gone at once, although the control descriptor is still open.
    CHECK_FALSE(run.says("no such line"));
    CHECK(run.end() == 128 + SIGKILL);
  }
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    Run run(account, settings_for("example.com"), "echo ready\nsleep 60");
    REQUIRE(run.says("ready"));
    run.send(SIGKILL);
    CHECK_FALSE(run.says("no such line"));
    CHECK(run.end() == 128 + SIGKILL);
  }
}

}  // namespace
}  // namespace srt::live
