#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "runtime/base/unique_fd.h"
#include "tests/bench/bench.h"

namespace srt::bench {
namespace {

constexpr int kAtOnce = 16;
constexpr int kServers = 4;
constexpr auto kTime = std::chrono::seconds(2);
constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

sockaddr_in loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

// All that comes until `end` is seen, or the other side closes.
std::string receive(int fd, std::string_view end) {
  std::string text;
  char buffer[4096];
  while (text.find(end) == std::string::npos) {
    const ssize_t n = recv(fd, buffer, sizeof(buffer), 0);
    if (n <= 0) break;
    text.append(buffer, static_cast<std::size_t>(n));
  }
  return text;
}

bool transmit(int fd, std::string_view text) {
  return send(fd, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

void answer(int listener) {
  for (;;) {
    const UniqueFd client(accept(listener, nullptr, nullptr));
    if (!client) continue;
    receive(client.get(), "\r\n\r\n");
    transmit(client.get(), kAnswer);
  }
}

// A connection to `address`; nothing when there is none to be had.
UniqueFd connect_to(const sockaddr_in& address) {
  UniqueFd server(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (server &&
      connect(server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    server.reset();
  }
  return server;
}

// What a client says to whom on its way to the server on loopback, and the request then.
struct Asking {
  sockaddr_in address;
  bool socks;
  std::string connect;
  std::string request;
};

Asking asking(const std::string& port, const std::string& proxy) {
  const std::string authority = "127.0.0.1:" + port;
  const std::string target = proxy.starts_with("http:") ? "http://" + authority + "/" : "/";
  const int number = std::atoi(port.c_str());
  Asking asking = {loopback(number), proxy.starts_with("socks5:"), {}, {}};
  if (!proxy.empty()) asking.address = loopback(std::atoi(&proxy[proxy.rfind(':') + 1]));
  asking.connect = std::string("\x05\x01\0\x01\x7f\0\0\x01", 8) + static_cast<char>(number >> 8) +
                   static_cast<char>(number);
  asking.request =
      "GET " + target + " HTTP/1.1\r\nHost: " + authority + "\r\nConnection: close\r\n\r\n";
  return asking;
}

bool receive_exactly(int fd, std::size_t count) {
  char buffer[16];
  return recv(fd, buffer, count, MSG_WAITALL) == static_cast<ssize_t>(count);
}

bool ask(const Asking& asking) {
  const UniqueFd server = connect_to(asking.address);
  if (!server) return false;
  const int fd = server.get();
  if (asking.socks && !(transmit(fd, std::string_view("\x05\x01\0", 3)) && receive_exactly(fd, 2) &&
                        transmit(fd, asking.connect) && receive_exactly(fd, 10))) {
    return false;
  }
  return transmit(fd, asking.request) && receive(fd, "\r\n\r\nok").ends_with("ok");
}

// A listener on a port of loopback, which goes into the file `port_file`.
UniqueFd listen_for_all(const std::string& port_file) {
  UniqueFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof(address);
  if (bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener.get(), SOMAXCONN) != 0 ||
      getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::perror("srt-bench: cannot serve");
    return {};
  }
  std::ofstream(port_file + ".new") << ntohs(address.sin_port);
  if (std::rename((port_file + ".new").c_str(), port_file.c_str()) != 0) return {};
  return listener;
}

// How many descriptors this process can have, now that it is given all of them.
std::size_t all_descriptors() {
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_max;
}

}  // namespace

int serve(const std::string& port_file) {
  const UniqueFd listener = listen_for_all(port_file);
  if (!listener) return 1;
  std::vector<std::thread> threads;
  for (int i = 0; i < kServers; ++i) threads.emplace_back(answer, listener.get());
  for (std::thread& thread : threads) thread.join();
  return 0;
}

int load(const std::string& port, const std::string& proxy) {
  using Clock = std::chrono::steady_clock;
  const Asking asked = asking(port, proxy);
  std::atomic<int> failed = 0;
  std::array<std::vector<double>, kAtOnce> times;
  const auto end = Clock::now() + kTime;
  std::vector<std::thread> threads;
  for (std::vector<double>& mine : times) {
    threads.emplace_back([&] {
      for (auto start = Clock::now(); start < end;) {
        const bool answered = ask(asked);
        const auto now = Clock::now();
        if (answered)
          mine.push_back(std::chrono::duration<double, std::milli>(now - start).count());
        if (!answered) ++failed;
        start = now;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<double> all;
  for (const std::vector<double>& some : times) all.insert(all.end(), some.begin(), some.end());
  if (failed > 0) std::fprintf(stderr, "srt-bench: %d requests failed\n", failed.load());
  if (all.empty()) return 1;
  const auto slow = all.begin() + static_cast<std::ptrdiff_t>(all.size() * 99 / 100);
  std::nth_element(all.begin(), slow, all.end());
  std::printf("%zu %.1f\n", all.size() / static_cast<std::size_t>(kTime.count()), *slow);
  return static_cast<std::size_t>(failed) * 100 < all.size() ? 0 : 1;
}

int hold(const std::string& port_file) {
  all_descriptors();
  const UniqueFd listener = listen_for_all(port_file);
  while (listener) accept(listener.get(), nullptr, nullptr);
  return 1;
}

int idle(const std::string& port, const std::string& proxy, int count, const std::string& opened) {
  // The proxy, which may have as many, has two for each, and some beside them.
  const std::size_t wanted =
      std::min<std::size_t>(static_cast<std::size_t>(count), all_descriptors() / 2 - 100);
  const std::string authority = "127.0.0.1:" + port;
  const std::string request =
      "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n";
  std::vector<UniqueFd> tunnels;
  while (tunnels.size() < wanted) {
    UniqueFd tunnel = connect_to(asking(port, proxy).address);
    if (!tunnel || !transmit(tunnel.get(), request)) break;
    if (receive(tunnel.get(), "\r\n\r\n").find(" 200 ") == std::string::npos) break;
    tunnels.push_back(std::move(tunnel));
  }
  std::ofstream(opened + ".new") << tunnels.size();
  if (std::rename((opened + ".new").c_str(), opened.c_str()) != 0) return 1;
  std::this_thread::sleep_for(std::chrono::seconds(1));
  return tunnels.size() == wanted ? 0 : 1;
}

}  // namespace srt::bench
