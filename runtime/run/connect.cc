#include "runtime/run/connect.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>

#include "proxy/server/http.h"
#include "proxy/upstream/upstream.h"
#include "runtime/base/file.h"
#include "runtime/base/printable.h"
#include "runtime/base/system_error.h"
#include "runtime/base/unique_fd.h"

namespace srt {
namespace {

// The answer to CONNECT, with the few lines that a refusal says.
constexpr std::size_t kMaxAnswer = std::size_t{64} << 10;

Result<net::Upstream> proxy_of_environment() {
  for (const char* variable : {"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"}) {
    const char* value = std::getenv(variable);
    if (value == nullptr || !std::string_view(value).starts_with("http://")) continue;
    Result<net::Upstream> proxy = net::parse_upstream(value);
    if (proxy && std::holds_alternative<net::IpAddress>(proxy->host)) return proxy;
  }
  return Error{"the environment names no proxy",
               "`--connect` is for use inside a sandbox whose policy allows a host"};
}

Result<UniqueFd> dial(const net::Upstream& proxy) {
  const auto& address = std::get<net::IpAddress>(proxy.host);
  if (!address.is_v4()) return Error{"the proxy's address is not an IPv4 address"};
  sockaddr_in v4 = {};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(proxy.port);
  std::memcpy(&v4.sin_addr, address.bytes().data(), address.bytes().size());
  UniqueFd server(socket(AF_INET, SOCK_STREAM, 0));
  if (!server || connect(server.get(), reinterpret_cast<sockaddr*>(&v4), sizeof(v4)) < 0) {
    return system_error("cannot reach the proxy at " + net::to_string(proxy));
  }
  return server;
}

// Reads up to and including `end`; all there is where the connection ends first.
std::string read_until(int fd, std::string_view end) {
  std::string text;
  while (text.size() < kMaxAnswer && (end.empty() || text.find(end) == std::string::npos)) {
    std::array<char, 4096> buffer;
    const ssize_t count = read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return text;
}

// What a refusal says in its first line.
Error refused(int server, std::string answer, std::size_t head) {
  answer += read_until(server, "");
  std::string line = head == std::string::npos ? "" : answer.substr(head);
  line = line.substr(0, line.find('\n'));
  if (line.empty()) line = answer.substr(0, answer.find('\r'));
  return {line.empty() ? "the proxy closed the connection" : printable(line)};
}

// ssh puts IPv6 addresses in front of the colon as they are.
std::string bracketed(const std::string& target) {
  const std::size_t colon = target.rfind(':');
  if (target.starts_with('[') || target.find(':') == colon) return target;
  return '[' + target.substr(0, colon) + ']' + target.substr(colon);
}

// Moves what is there one way. False at its end.
bool move(int from, int to) {
  std::array<char, 65536> buffer;
  const ssize_t count = read(from, buffer.data(), buffer.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  return count > 0 && write_all(to, {buffer.data(), static_cast<std::size_t>(count)});
}

void relay(int server) {
  std::array<pollfd, 2> watched = {{{server, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}}};
  while (poll(watched.data(), watched.size(), -1) >= 0 || errno == EINTR) {
    if (watched[1].revents != 0 && !move(STDIN_FILENO, server)) {
      shutdown(server, SHUT_WR);
      watched[1].fd = -1;
    }
    if (watched[0].revents != 0 && !move(server, STDOUT_FILENO)) return;
  }
}

}  // namespace

Status connect_through_proxy(const std::string& target) {
  const Result<net::Authority> asked = net::parse_authority(bracketed(target), std::nullopt);
  if (!asked) return Error{asked.error().message, "write `--connect HOST:PORT`"};
  const Result<net::Upstream> proxy = proxy_of_environment();
  if (!proxy) return proxy.error();
  const Result<UniqueFd> server = dial(*proxy);
  if (!server) return server.error();

  signal(SIGPIPE, SIG_IGN);
  const std::string authority = net::to_authority(asked->host, asked->port);
  std::string request = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n";
  if (!proxy->authorization.empty()) {
    request += "Proxy-Authorization: " + proxy->authorization + "\r\n";
  }
  request += "\r\n";
  if (!write_all(server->get(), request)) return system_error("cannot ask the proxy");
  constexpr std::string_view kHeadEnd = "\r\n\r\n";
  std::string answer = read_until(server->get(), kHeadEnd);
  const std::size_t end = answer.find(kHeadEnd);
  const std::size_t head = end == std::string::npos ? end : end + kHeadEnd.size();
  if (head == std::string::npos || !answer.starts_with("HTTP/1.1 200 ")) {
    return refused(server->get(), std::move(answer), head);
  }
  // A server may have spoken at once.
  if (!write_all(STDOUT_FILENO, std::string_view(answer).substr(head))) return ok();
  relay(server->get());
  return ok();
}

}  // namespace srt
