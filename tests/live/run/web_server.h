#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "runtime/base/unique_fd.h"

namespace srt::live {

/// A web server on an address, on a port of its own, that serves the files of a directory, one
/// connection after another, each for one request.
class WebServer {
 public:
  explicit WebServer(std::string directory, const char* address = "127.0.0.1");
  ~WebServer();
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;

  std::string port() const { return std::to_string(port_); }

  /// How many connections came so far.
  int connections() const { return connections_; }

 private:
  void serve();
  void answer(int connection) const;

  std::string directory_;
  UniqueFd listener_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

}  // namespace srt::live
