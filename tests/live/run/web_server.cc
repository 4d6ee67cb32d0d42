#include "tests/live/run/web_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>
#include <utility>

#include "tests/live/support/host.h"

namespace srt::live {

WebServer::WebServer(std::string directory, const char* host) : directory_(std::move(directory)) {
  listener_.reset(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  check(inet_pton(AF_INET, host, &address.sin_addr) == 1, "inet_pton");
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  check(bind(listener_.get(), generic, size) == 0, "bind");
  check(listen(listener_.get(), SOMAXCONN) == 0, "listen");
  check(getsockname(listener_.get(), generic, &size) == 0, "getsockname");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

WebServer::~WebServer() {
  shutdown(listener_.get(), SHUT_RDWR);  // accept() fails from now on
  thread_.join();
}

void WebServer::serve() {
  for (;;) {
    const UniqueFd connection(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection) return;
    ++connections_;
    answer(connection.get());
  }
}

void WebServer::answer(int connection) const {
  const timeval patience = {.tv_sec = 2, .tv_usec = 0};
  setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  std::string request;
  std::array<char, 4096> buffer;
  while (request.find("\r\n\r\n") == std::string::npos) {
    const ssize_t got = recv(connection, buffer.data(), buffer.size(), 0);
    if (got <= 0) return;
    request.append(buffer.data(), static_cast<std::size_t>(got));
  }
  // "GET /path?query HTTP/1.1"
  const std::size_t start = request.find('/');
  const std::string path = request.substr(start, request.find_first_of("? ", start) - start);
  std::ifstream file(directory_ + path, std::ios::binary);
  std::ostringstream content;
  if (file) content << file.rdbuf();
  const std::string body = file ? content.str() : "not found\n";
  const std::string reply = std::string("HTTP/1.1 ") + (file ? "200 OK" : "404 Not Found") +
                            "\r\nContent-Length: " + std::to_string(body.size()) +
                            "\r\nConnection: close\r\n\r\n" + body;
  for (std::size_t sent = 0; sent < reply.size();) {
    const ssize_t part = send(connection, reply.data() + sent, reply.size() - sent, MSG_NOSIGNAL);
    if (part <= 0) return;
    sent += static_cast<std::size_t>(part);
  }
}

}  // namespace srt::live
