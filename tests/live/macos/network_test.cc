#include <doctest/doctest.h>

#include <string>

#include "tests/live/macos/mac.h"
#include "tests/live/run/controlled_run.h"
#include "tests/live/run/web_server.h"

namespace srt::live {
namespace {

const std::string kStatus = "curl -s -o /dev/null -w '%{http_code}\\n' ";

TEST_CASE("allowed hosts are reached through the proxy, others refused and reported") {
  Mac mac;
  Account& account = mac.account();
  account.file("page", "hello\n");
  const WebServer server(account / "");
  const std::string bundle = mac.compile("allow connect 127.0.0.1:" + server.port());
  const std::string page = "http://127.0.0.1:" + server.port() + "/page";
  const std::string report = account / "report";
  const Ending ending = mac.run({"--report", report, bundle, "sh", "-c",
                                 "curl -sS " + page + "; " + kStatus + "http://127.0.0.1:1/; " +
                                     kStatus + "http://example.com/; echo $HTTPS_PROXY"});
  CHECK_MESSAGE(ending.out.starts_with("hello\n403\n403\nhttp://srt:"), ending.err);
  const std::string lines = content(report);
  CHECK(contains(lines, "\"subject\":\"127.0.0.1:1\""));
  CHECK(contains(lines, "\"subject\":\"example.com:80\""));
  // Only the proxy's port is open, on the loopback that the profile names.
  const std::string port = ending.out.substr(ending.out.rfind(':') + 1);
  CHECK(contains(mac.log(), "\nPROXY_PORT=" + port));
}

TEST_CASE("who does not know the token is served by no way in, and not reported") {
  Mac mac;
  Account& account = mac.account();
  account.file("page", "hello\n");
  const WebServer server(account / "");
  const std::string report = account / "report";
  const std::string bundle = mac.compile("allow connect 127.0.0.1:" + server.port());
  const std::string page = "http://127.0.0.1:" + server.port() + "/page";
  const Ending ending =
      mac.run({"--report", report, bundle, "sh", "-c",
               "p=127.0.0.1:${HTTPS_PROXY##*:}; t=${HTTPS_PROXY#http://}; t=${t%@*}\n" + kStatus +
                   "-x http://$p " + page + "\n" +                        //
                   kStatus + "-x http://srt:0123@$p " + page + "\n" +     //
                   kStatus + "-x http://$p http://example.com/\n" +       //
                   kStatus + "-x socks5h://$p " + page + "\n" +           //
                   kStatus + "-x socks5h://srt:0123@$p " + page + "\n" +  //
                   kStatus + "-x socks5h://$t@$p " + page + "\n" +        //
                   kStatus + "-x http://$t@[::1]:${HTTPS_PROXY##*:} " + page});
  CHECK_MESSAGE(ending.out == "407\n407\n407\n000\n000\n200\n200\n", ending.err);
  CHECK(content(report).empty());
  CHECK(server.connections() == 2);
}

TEST_CASE("the profile opens the proxy's port and no other") {
  Mac mac;
  mac.ask(
      "network-outbound remote-ip localhost:1\nnetwork-outbound remote-ip *:443\n"
      "network-bind local-ip localhost:8080\n");
  mac.run_under("allow connect example.com", ":");
  CHECK(contains(mac.log(), "deny network-outbound remote-ip localhost:1\n"));
  CHECK(contains(mac.log(), "deny network-outbound remote-ip *:443\n"));
}

TEST_CASE("two runs have tokens and ports of their own") {
  Mac mac;
  const std::string bundle = mac.compile("allow connect example.com");
  const Ending ending = mac.run({bundle, "sh", "-c",
                                 "echo $HTTPS_PROXY; unset HTTPS_PROXY; exec " + mac.program() +
                                     " " + bundle + " sh -c 'echo $HTTPS_PROXY'"});
  const std::size_t end = ending.out.find('\n');
  REQUIRE_MESSAGE(end != std::string::npos, ending.err);
  CHECK(ending.out.substr(0, end + 1) != ending.out.substr(end + 1));
}

TEST_CASE("rules about hosts are replaced while the command runs") {
  Mac mac;
  Account& account = mac.account();
  account.file("page", "hello\n");
  const WebServer server(account / "");
  const std::string web = "127.0.0.1:" + server.port();
  const std::string open = mac.compile("allow connect " + web);
  check(rename(open.c_str(), (account / "open.srtb").c_str()) == 0, "rename");
  const std::string bundle = mac.compile("allow connect example.com");
  ControlledRun run(
      account,
      {mac.program(), "--verbose", "--control-fd", std::to_string(ControlledRun::kControl), bundle},
      "get first " + web + "\nwait_for one\nget second " + web + "\nwait_for two\nget third " +
          web + "\n");
  CHECK(run.says("first 403"));
  run.tell((account / "open.srtb") + "\n");
  CHECK(run.says("the network rules are those of"));
  run.let("one");
  CHECK(run.says("second 200"));
  run.send(SIGUSR2);
  CHECK(run.says("the network rules are those of"));
  run.tell("/none/such\n");
  CHECK(run.says("the network rules stay: cannot read `/none/such`"));
  run.let("two");
  CHECK(run.says("third 403"));
  CHECK(run.end() == 0);
}

TEST_CASE("a program inside reaches a host through this program's own way, with the token") {
  Mac mac;
  Account& account = mac.account();
  account.file("page", "hello\n");
  const WebServer server(account / "");
  const Ending ending = mac.run_under("allow connect 127.0.0.1:" + server.port(),
                                      "printf 'GET /page HTTP/1.0\\r\\n\\r\\n' | " + mac.program() +
                                          " --connect 127.0.0.1:" + server.port() +
                                          " | tail -n 1; echo $GIT_SSH_COMMAND");
  CHECK_MESSAGE(ending.out.starts_with("hello\n"), ending.err);
  CHECK(contains(ending.out, mac.program() + " --connect"));
}

}  // namespace
}  // namespace srt::live
