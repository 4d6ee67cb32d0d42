#include "tests/live/support/host.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

namespace srt::live {
namespace {

constexpr uid_t kOrdinaryUser = 65534;
constexpr auto kPatience = std::chrono::seconds(10);

int status_of(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

// Reads both until their other ends are closed; false where that takes too long.
bool read_both(int out, std::string& out_text, int err, std::string& err_text) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  std::array<pollfd, 2> ends = {{{out, POLLIN, 0}, {err, POLLIN, 0}}};
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    poll(ends.data(), ends.size(), static_cast<int>(left.count()));
    for (pollfd& end : ends) {
      if (end.revents == 0) continue;
      std::array<char, 4096> buffer;
      const ssize_t size = read(end.fd, buffer.data(), buffer.size());
      if (size > 0)
        (end.fd == out ? out_text : err_text).append(buffer.data(), static_cast<std::size_t>(size));
      if (size <= 0) end.fd = -1;
      end.revents = 0;
    }
  }
  return true;
}

}  // namespace

std::vector<uid_t> users() {
  if (geteuid() == 0) return {0, kOrdinaryUser};
  return {geteuid()};
}

void become(uid_t user) {
  if (user == geteuid()) return;
  check(setresgid(user, user, user) == 0, "setresgid");
  check(setgroups(0, nullptr) == 0, "setgroups");
  check(setresuid(user, user, user) == 0, "setresuid");
  // A change of user without an exec makes a process undumpable, and its /proc files root's.
  check(prctl(PR_SET_DUMPABLE, 1) == 0, "prctl");
}

void check(bool done, const char* what) {
  if (done) return;
  std::perror(what);
  std::abort();
}

Scratch::Scratch(uid_t user) : user_(user) {
  char name[] = "/tmp/srt-live-XXXXXX";
  check(mkdtemp(name) != nullptr, "mkdtemp");
  path_ = std::filesystem::canonical(name).string();
  check(chmod(name, 0755) == 0 && chown(name, user, user) == 0, "chown");
}

Scratch::~Scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string Scratch::file(const std::string& name, const std::string& text, mode_t mode) const {
  const std::string path = *this / name;
  std::ofstream(path) << text;
  check(chmod(path.c_str(), mode) == 0 && chown(path.c_str(), user_, user_) == 0, "chown");
  return path;
}

std::string Scratch::directory(const std::string& name) const {
  const std::string path = *this / name;
  check(mkdir(path.c_str(), 0755) == 0 && chown(path.c_str(), user_, user_) == 0, "mkdir");
  return path;
}

void set_input(int input) {
  const UniqueFd null(input < 0 ? open("/dev/null", O_RDONLY | O_CLOEXEC) : -1);
  dup2(input < 0 ? null.get() : input, 0);
}

Pipe::Pipe() {
  std::array<int, 2> ends;
  check(pipe2(ends.data(), O_CLOEXEC) == 0, "pipe2");
  reading.reset(ends[0]);
  writing.reset(ends[1]);
}

std::string drain(int fd) {
  std::string text;
  char buffer[4096];
  for (ssize_t size; (size = read(fd, buffer, sizeof(buffer))) > 0;) {
    text.append(buffer, static_cast<std::size_t>(size));
  }
  return text;
}

Ending run_forked(int input, const std::function<void()>& body) {
  int out[2];
  int err[2];
  check(pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0, "pipe2");
  std::fflush(nullptr);
  const pid_t pid = fork();
  check(pid >= 0, "fork");
  if (pid == 0) {
    set_input(input);
    dup2(out[1], 1);
    dup2(err[1], 2);
    body();
    _exit(99);
  }
  close(out[1]);
  close(err[1]);
  const UniqueFd out_end(out[0]);
  const UniqueFd err_end(err[0]);
  Ending ending;
  const bool in_time = read_both(out_end.get(), ending.out, err_end.get(), ending.err);
  if (!in_time) kill(pid, SIGKILL);
  ending.status = wait_for_end(pid);
  if (!in_time) ending.status = -1;
  return ending;
}

bool wait_until(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

int wait_for_end(pid_t pid) {
  int status = 0;
  if (!wait_until([&] { return waitpid(pid, &status, WNOHANG) != 0; })) {
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return -1;
  }
  return status_of(status);
}

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string own_address() {
  ifaddrs* list = nullptr;
  check(getifaddrs(&list) == 0, "getifaddrs");
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(list, freeifaddrs);
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != AF_INET) continue;
    const auto* address = reinterpret_cast<const sockaddr_in*>(entry->ifa_addr);
    const std::string text = inet_ntoa(address->sin_addr);
    if (!text.starts_with("127.") && !text.starts_with("169.254.")) return text;
  }
  return {};
}

}  // namespace srt::live
