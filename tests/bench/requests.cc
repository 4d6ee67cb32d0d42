#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

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

bool ask(const sockaddr_in& address, const std::string& request) {
  const UniqueFd server(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return server &&
         connect(server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
         transmit(server.get(), request) && receive(server.get(), "\r\n\r\nok").ends_with("ok");
}

}  // namespace

int serve(const std::string& port_file) {
  const UniqueFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof(address);
  if (bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener.get(), SOMAXCONN) != 0 ||
      getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::perror("srt-bench: cannot serve");
    return 1;
  }
  std::ofstream(port_file + ".new") << ntohs(address.sin_port);
  if (std::rename((port_file + ".new").c_str(), port_file.c_str()) != 0) return 1;
  std::vector<std::thread> threads;
  for (int i = 0; i < kServers; ++i) threads.emplace_back(answer, listener.get());
  for (std::thread& thread : threads) thread.join();
  return 0;
}

int load(const std::string& port, const std::string& proxy) {
  const std::string authority = "127.0.0.1:" + port;
  const std::string target = proxy.empty() ? "/" : "http://" + authority + "/";
  const std::string request =
      "GET " + target + " HTTP/1.1\r\nHost: " + authority + "\r\nConnection: close\r\n\r\n";
  const sockaddr_in address = loopback(
      std::atoi(proxy.empty() ? port.c_str() : proxy.substr(proxy.rfind(':') + 1).c_str()));
  std::atomic<int> answered = 0;
  std::atomic<int> failed = 0;
  const auto end = std::chrono::steady_clock::now() + kTime;
  std::vector<std::thread> threads;
  for (int i = 0; i < kAtOnce; ++i) {
    threads.emplace_back([&] {
      while (std::chrono::steady_clock::now() < end) ++(ask(address, request) ? answered : failed);
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (failed > 0) std::fprintf(stderr, "srt-bench: %d requests failed\n", failed.load());
  std::printf("%lld\n", static_cast<long long>(answered / kTime.count()));
  return answered > 0 && failed * 100 < answered ? 0 : 1;
}

}  // namespace srt::bench
