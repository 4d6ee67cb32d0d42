#include <doctest/doctest.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "harness.h"

using namespace srt;
using namespace srt::net;
using namespace srt::net::test;

namespace {

constexpr size_t kTunnels = 10'000;
constexpr size_t kMaxKilobytes = size_t{64} * 1024;
// At once, so that no listener's queue is full.
constexpr size_t kBatch = 100;
// What each process may have open beside its ends of tunnels.
constexpr size_t kOtherDescriptors = 100;

#ifdef __SANITIZE_ADDRESS__
constexpr bool kMemoryIsOurs = false;
#else
constexpr bool kMemoryIsOurs = true;
#endif

// A process of its own while it lives: here are not descriptors enough for all three sides.
class Child {
 public:
  template <typename Work>
  explicit Child(Work work) : pid_(fork()) {
    REQUIRE(pid_ >= 0);
    if (pid_ > 0) return;
    work();
    _exit(1);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  // What it has in memory.
  size_t kilobytes() const {
    std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmRSS:")) return std::stoul(line.substr(6));
    }
    return 0;
  }

 private:
  pid_t pid_;
};

// While it lives, this process and its children have all descriptors that they may have.
class AllDescriptors {
 public:
  AllDescriptors() {
    REQUIRE(getrlimit(RLIMIT_NOFILE, &before_) == 0);
    const rlimit all{before_.rlim_max, before_.rlim_max};
    REQUIRE(setrlimit(RLIMIT_NOFILE, &all) == 0);
  }
  AllDescriptors(const AllDescriptors&) = delete;
  AllDescriptors& operator=(const AllDescriptors&) = delete;
  ~AllDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }

  // The proxy has two ends of each.
  size_t tunnels() const {
    return std::min<size_t>(kTunnels, (before_.rlim_max - kOtherDescriptors) / 2);
  }

 private:
  rlimit before_ = {};
};

[[noreturn]] void hold_clients(const UniqueFd& listener) {
  while (true) accept(listener.get(), nullptr, nullptr);
}

void run_proxy(UniqueFd listener, const std::string& allowed) {
  signal(SIGPIPE, SIG_IGN);
  asio::io_context io(1);
  Proxy proxy(io, HostPolicy({{Effect::allow, parse_host_pattern(allowed).value(), "", 0, false}}),
              {});
  if (proxy.serve(std::move(listener))) io.run();
}

}  // namespace

TEST_CASE("P49: 10,000 idle tunnels take 64 MiB at most, and the next client is served") {
  const AllDescriptors all;
  const size_t count = all.tunnels();
  if (count < kTunnels) MESSAGE("only ", count, " tunnels: there are no more descriptors");
  uint16_t origin_port = 0;
  uint16_t proxy_port = 0;
  UniqueFd origin_listener = listen_on_loopback(AF_INET, &origin_port);
  UniqueFd proxy_listener = listen_on_loopback(AF_INET, &proxy_port);
  const std::string authority = "127.0.0.1:" + std::to_string(origin_port);
  const Child origin([&] { hold_clients(origin_listener); });
  const Child proxy([&] {
    origin_listener.reset();
    run_proxy(std::move(proxy_listener), authority);
  });
  origin_listener.reset();
  proxy_listener.reset();
  std::vector<Connection> clients;
  clients.reserve(count + 1);
  const auto open = [&](size_t more) {
    const size_t first = clients.size();
    while (clients.size() < first + more) {
      clients.push_back(connect_to(proxy_port));
      REQUIRE(clients.back().send("CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority +
                                  "\r\n\r\n"));
    }
    for (size_t i = first; i < clients.size(); ++i) {
      REQUIRE(clients[i].read_until("\r\n\r\n").starts_with("HTTP/1.1 200 "));
    }
  };
  while (clients.size() < count) open(std::min(kBatch, count - clients.size()));
  const size_t kilobytes = proxy.kilobytes();
  MESSAGE(count, " idle tunnels: ", kilobytes, " KiB");
  CHECK(kilobytes > 0);
  if (kMemoryIsOurs) CHECK(kilobytes * kTunnels <= kMaxKilobytes * count);
  open(1);
}
