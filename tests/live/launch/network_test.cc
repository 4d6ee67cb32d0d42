#include <doctest/doctest.h>
#include <unistd.h>

#include <asio/buffer.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/write.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/live/launch/sandbox.h"

namespace srt::live {
namespace {

using asio::ip::tcp;

bool has_v6() { return access("/proc/net/if_inet6", F_OK) == 0; }

/// Answers every connection with `hello`, on as many listeners as there are.
void greet(asio::io_context& io, SandboxNetwork network) {
  for (UniqueFd& listener : network.listeners) {
    sockaddr address;
    socklen_t size = sizeof(address);
    getsockname(listener.get(), &address, &size);
    auto acceptor = std::make_shared<tcp::acceptor>(
        io, address.sa_family == AF_INET ? tcp::v4() : tcp::v6(), listener.release());
    auto accept = std::make_shared<std::function<void()>>();
    *accept = [acceptor, accept] {
      acceptor->async_accept([acceptor, accept](asio::error_code failure, tcp::socket peer) {
        if (failure) return;
        asio::write(peer, asio::buffer("hello\n", 6), failure);
        (*accept)();
      });
    };
    (*accept)();
  }
}

TEST_CASE("R54: the listeners made inside serve the command from its first moment") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    Launcher launcher = {
        user, script_spec("cat </dev/tcp/127.0.0.1/3128; cat </dev/tcp/::1/3128", scratch)};
    launcher.spec.ports = {3128};
    launcher.serve = greet;
    const Ending ending = run(launcher);
    CAPTURE(ending.err);
    CHECK(ending.out == (has_v6() ? "hello\nhello\n" : "hello\n"));
  }
}

TEST_CASE("without network there is no listener, and every address is the sandbox's own") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    Launcher launcher = {
        user, script_spec("for a in 127.0.0.1/3128 198.18.0.1/80 192.0.2.1/80 2001:db8::1/80; do "
                          "(: </dev/tcp/$a) 2>&1 | grep -q refused && echo $a; done",
                          scratch)};
    launcher.serve = [](asio::io_context&, SandboxNetwork network) {
      if (!network.listeners.empty() || !network.name_servers.empty()) _exit(98);
    };
    const Ending ending = run(launcher);
    CAPTURE(ending.err);
    CHECK(ending.out.starts_with("127.0.0.1/3128\n198.18.0.1/80\n192.0.2.1/80\n"));
    if (has_v6()) CHECK(ending.out.ends_with("2001:db8::1/80\n"));
  }
}

TEST_CASE("the command cannot change the sandbox's network") {
  if (access("/usr/sbin/ip", X_OK) != 0 && access("/sbin/ip", X_OK) != 0) {
    MESSAGE("not run: iproute2 is not installed");
    return;
  }
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Scratch scratch(user);
    const Ending ending =
        run({user, script_spec("ip -o link | wc -l; ip route flush table local; ip link set lo "
                               "down; ip addr add 192.0.2.1/32 dev lo; ip route show table local "
                               "| grep -c '^local 0.0.0.0/0\\|^local default'",
                               scratch)});
    CAPTURE(ending.err);
    CHECK(ending.out == "1\n1\n");
  }
}

}  // namespace
}  // namespace srt::live
