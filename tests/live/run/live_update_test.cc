#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "runtime/base/unique_fd.h"
#include "tests/live/run/account.h"
#include "tests/live/run/controlled_run.h"
#include "tests/live/run/web_server.h"

namespace srt::live {
namespace {

/// A server to which connections stay open: nothing takes them from the kernel's queue.
class SilentServer {
 public:
  SilentServer() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* any = reinterpret_cast<sockaddr*>(&address);
    check(bind(listener_.get(), any, size) == 0, "bind");
    check(listen(listener_.get(), 8) == 0, "listen");
    check(getsockname(listener_.get(), any, &size) == 0, "getsockname");
    port_ = ntohs(address.sin_port);
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  UniqueFd listener_;
  int port_;
};

// A script under srt-run, with a control descriptor and a report.
class Run : public ControlledRun {
 public:
  Run(Account& account, const std::string& bundle, const std::string& script)
      : ControlledRun(account,
                      {"srt-run", "--verbose", "--control-fd", std::to_string(kControl), "--report",
                       account / "report", bundle},
                      script) {}
};

TEST_CASE("lines on the control descriptor and SIGUSR2 replace the network rules of a run") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    account.file("page", "hello\n");
    const WebServer server(account / "");
    const SilentServer silent;
    const std::string web = "127.0.0.1:" + server.port();
    const std::string denying = content(account.compile("allow connect example.com"));
    const std::string asking =
        content(account.compile("param where: host\nallow connect ${where}"));
    const std::string bundle =
        account.compile("allow connect " + web + ", " + silent.address() + "\n");
    const std::string allowing = content(bundle);
    const std::string authority = silent.address();
    Run run(account, bundle,
            "get first " + web +
                "\n[ -e /proc/self/fd/9 ] && echo inherited\n"
                "exec 3<>/dev/tcp/127.0.0.1/3128\n"
                "printf 'CONNECT " +
                authority + " HTTP/1.1\\r\\nHost: " + authority +
                "\\r\\n\\r\\n' >&3\n"
                "head -n1 <&3\ncat <&3 >/dev/null 2>&1; echo closed\n"
                "get second " +
                web + "\nwait_for a; get third " + web + "\nwait_for b; get fourth " + web +
                "\nwait_for c; get fifth " + web + "\nexit 7");
    CHECK(run.says("first 200"));
    REQUIRE(run.says("200 Connection established"));
    CHECK(run.is_silent());

    run.tell(account.file("denying.srtb", denying) + "\n");
    CHECK(run.says("closed"));
    CHECK(run.says("second 403"));

    const std::string fifo = account / "fifo.srtb";
    check(mkfifo(fifo.c_str(), 0666) == 0, "mkfifo");
    std::string changed = allowing;
    changed[changed.size() / 2] = static_cast<char>(changed[changed.size() / 2] ^ 1);
    for (const std::string& bad :
         {account / "absent.srtb", account.file("short.srtb", allowing.substr(0, 100)),
          account.file("changed.srtb", changed), account.file("asking.srtb", asking), fifo,
          std::string(), std::string(5000, 'x')}) {
      run.tell(bad + "\n");
      CHECK(run.says("srt-run: the network rules stay: "));
    }
    run.let("a");
    CHECK(run.says("third 403"));

    const std::string allowing_file = account.file("allowing.srtb", allowing);
    run.tell(allowing_file.substr(0, 5));  // a line may come in parts
    run.tell(allowing_file.substr(5) + "\n");
    CHECK(run.says("the network rules are those of `" + allowing_file + "` now"));
    run.tell("unfinished");
    run.end_control();
    CHECK(run.says("the network rules stay: "));
    run.let("b");
    CHECK(run.says("fourth 200"));

    account.file("policy.srtb", denying);
    run.send(SIGUSR2);
    CHECK(run.says("the network rules are those of `" + bundle + "` now"));
    run.let("c");
    CHECK(run.says("fifth 403"));
    CHECK_FALSE(run.says("no such line"));
    CHECK(run.end() == 7);
    CAPTURE(run.said());
    CHECK_FALSE(contains(run.said(), "inherited"));
    CHECK_FALSE(contains(run.said(), "signalled"));
    const std::string report = content(account / "report");
    CHECK(contains(report, "\"operation\":\"connect\",\"subject\":\"" + authority +
                               "\",\"verdict\":\"deny\""));
    CHECK(contains(report,
                   "\"operation\":\"update\",\"subject\":\"" + fifo + "\",\"verdict\":\"error\""));
  }
}

TEST_CASE("SIGUSR2 ends neither srt-run nor the command, whenever it comes") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    const std::string bundle = account.compile("allow connect example.com");
    for (int i = 0; i < 10; ++i) {
      Pipe output;
      const pid_t pid = account.start({"srt-run", bundle, "sh", "-c", "echo ready; exit 7"},
                                      output.writing.get());
      output.writing.reset();
      char byte = 0;
      REQUIRE(read(output.reading.get(), &byte, 1) == 1);
      int status = 0;
      const bool ended = wait_until([&] {
        for (int j = 0; j < 100; ++j) kill(pid, SIGUSR2);
        return waitpid(pid, &status, WNOHANG) == pid;
      });
      REQUIRE(ended);
      CHECK(WIFEXITED(status));
      CHECK(WEXITSTATUS(status) == 7);
    }
  }
}

TEST_CASE("a command that was started without a network gets none") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    const std::string other =
        account.file("other.srtb", content(account.compile("allow connect example.com")));
    Run run(account, account.compile("deny connect example.com"), "echo ready; wait_for a");
    CHECK(run.says("ready"));
    run.tell(other + "\n");
    CHECK(run.says("the network rules stay: the command has no network"));
    run.let("a");
    CHECK(run.end() == 0);
  }
}

TEST_CASE("a control descriptor that cannot be read is refused before anything starts") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const std::string bundle = account.compile("allow connect example.com");
    const auto refused = [&](const std::string& number, const std::string& redirection) {
      const Ending ending = account.run(
          {"sh", "-c",
           "exec srt-run --control-fd " + number + " " + bundle + " touch ran " + redirection});
      CHECK(ending.status == 125);
      CHECK(is_one_line(ending.err));
      CHECK_FALSE(exists(account / "project/ran"));
      return ending.err;
    };
    CHECK(contains(refused("5", ""), "Bad file descriptor"));
    CHECK(contains(refused("5", "5</dev/null"), "neither a pipe nor a socket"));
    CHECK(contains(refused("0", ""), "no descriptor"));
    CHECK(contains(refused("x", ""), "no descriptor"));
  }
}

}  // namespace
}  // namespace srt::live
