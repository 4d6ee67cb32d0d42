#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "runtime/base/unique_fd.h"
#include "tests/live/run/account.h"

namespace srt::live {
namespace {

/// A socket on 127.0.0.1 or ::1, bound to `port`.
UniqueFd bound_socket(int family, std::uint16_t& port) {
  UniqueFd made(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  check(bind(made.get(), generic, size) == 0, "bind");
  check(getsockname(made.get(), generic, &size) == 0, "getsockname");
  port = ntohs(address.sin_port);
  return made;
}

std::uint16_t free_port() {
  std::uint16_t port = 0;
  const UniqueFd made = bound_socket(AF_INET, port);
  return port;
}

/// What comes from a port of this machine after `said` was sent and ended; empty where nothing
/// listens, or the connection is cut off.
std::string answer(int family, std::uint16_t port, const std::string& said) {
  const UniqueFd made(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in v4 = {};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr_in6 v6 = {};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  v6.sin6_addr = IN6ADDR_LOOPBACK_INIT;
  const bool is_v4 = family == AF_INET;
  const auto* address = is_v4 ? reinterpret_cast<sockaddr*>(&v4) : reinterpret_cast<sockaddr*>(&v6);
  if (connect(made.get(), address, is_v4 ? sizeof(v4) : sizeof(v6)) != 0) return {};
  send(made.get(), said.data(), said.size(), MSG_NOSIGNAL);
  shutdown(made.get(), SHUT_WR);
  return drain(made.get());
}

/// Python that answers each connection to a port with `<` and all that came.
std::string echo_server(std::uint16_t port, const std::string& address = "0.0.0.0") {
  const std::string family = address.find(':') == std::string::npos ? "AF_INET" : "AF_INET6";
  return "import socket\nl = socket.create_server(('" + address + "', " + std::to_string(port) +
         "), family=socket." + family +
         ")\nopen('ready', 'w')\nwhile True:\n  c = l.accept()[0]; t = b''\n  while True:\n"
         "    p = c.recv(4096)\n    if not p: break\n    t += p\n  c.sendall(b'<' + t); "
         "c.close()\n";
}

bool has_v6() { return access("/proc/net/if_inet6", F_OK) == 0; }

TEST_CASE("a published port is reached on the host's loopback, and is gone with the run") {
  for (const uid_t user : users()) {
    for (const char* address : {"0.0.0.0", "::1"}) {
      CAPTURE(user);
      CAPTURE(address);
      const Account account(user);
      const std::uint16_t port = free_port();
      const std::string bundle =
          account.compile("allow write .\nallow bind " + std::to_string(port) + " publish");
      const std::uint16_t hidden = free_port();
      const pid_t pid = account.start(
          {"srt-run", bundle, "/usr/bin/python3", "-c", echo_server(port, address)}, 2);
      REQUIRE(wait_until([&] { return exists(account / "project/ready"); }));
      CHECK(answer(AF_INET, port, "hello") == "<hello");
      CHECK(answer(AF_INET, port, std::string(300'000, 'x')).size() == 300'001);
      if (has_v6()) CHECK(answer(AF_INET6, port, "six") == "<six");
      CHECK(answer(AF_INET, hidden, "").empty());
      kill(pid, SIGTERM);
      CHECK(wait_for_end(pid) == 128 + SIGTERM);
      CHECK(answer(AF_INET, port, "").empty());
    }
  }
}

TEST_CASE("a port that is not published, or denied again, is not reached") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const std::uint16_t port = free_port();
    const std::string rule = "allow bind " + std::to_string(port);
    const std::string bundle = account.compile("allow write .\n" + rule + " publish\n" + rule);
    const pid_t pid =
        account.start({"srt-run", bundle, "/usr/bin/python3", "-c", echo_server(port)}, 2);
    REQUIRE(wait_until([&] { return exists(account / "project/ready"); }));
    CHECK(answer(AF_INET, port, "hello").empty());
    kill(pid, SIGTERM);
    wait_for_end(pid);
  }
}

TEST_CASE("a client is cut off at once where the command serves nothing yet") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const std::uint16_t port = free_port();
    const std::string bundle =
        account.compile("allow write .\nallow bind " + std::to_string(port) + " publish");
    const pid_t pid = account.start({"srt-run", bundle, "sh", "-c", ": >ready; sleep 30"}, 2);
    REQUIRE(wait_until([&] { return exists(account / "project/ready"); }));
    CHECK(answer(AF_INET, port, "hello").empty());
    kill(pid, SIGTERM);
    wait_for_end(pid);
  }
}

TEST_CASE("a port in use on the host stops the launch in one line") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    std::uint16_t port = 0;
    const UniqueFd taken = bound_socket(AF_INET, port);
    check(listen(taken.get(), 1) == 0, "listen");
    const std::string number = std::to_string(port);
    const Ending ending =
        account.run_under("allow write .\nallow bind " + number + " publish", "touch ran");
    CHECK(ending.status == 125);
    CHECK(is_one_line(ending.err));
    CHECK(contains(ending.err, "cannot publish port " + number + ": Address already in use"));
    CHECK_FALSE(exists(account / "project/ran"));
    const Ending both = account.run_under(
        "allow connect localhost:" + number + "\nallow bind " + number + " publish", "true");
    CHECK(both.status == 125);
    CHECK(contains(both.err, "cannot both be published and be the host's"));
  }
}

}  // namespace
}  // namespace srt::live
