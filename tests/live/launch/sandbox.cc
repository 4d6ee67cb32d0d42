#include "tests/live/launch/sandbox.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "runtime/launch/standard_descriptors.h"

namespace srt::live {
namespace {

constexpr uid_t kOrdinaryUser = 65534;
constexpr auto kPatience = std::chrono::seconds(10);

std::uint64_t allow_everything() {
  const sock_filter instruction = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  std::uint64_t word;
  std::memcpy(&word, &instruction, sizeof(word));
  return word;
}

void check(bool done, const char* what) {
  if (done) return;
  std::perror(what);
  std::abort();
}

void become(uid_t user) {
  if (user == geteuid()) return;
  check(setresgid(user, user, user) == 0, "setresgid");
  check(setgroups(0, nullptr) == 0, "setgroups");
  check(setresuid(user, user, user) == 0, "setresuid");
  // A change of user without an exec makes a process undumpable, and its /proc files root's.
  check(prctl(PR_SET_DUMPABLE, 1) == 0, "prctl");
}

int status_of(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

void set_input(int input) {
  const UniqueFd null(input < 0 ? open("/dev/null", O_RDONLY | O_CLOEXEC) : -1);
  dup2(input < 0 ? null.get() : input, 0);
}

std::string drain(int fd) {
  std::string text;
  char buffer[4096];
  for (ssize_t size; (size = read(fd, buffer, sizeof(buffer))) > 0;) {
    text.append(buffer, static_cast<std::size_t>(size));
  }
  return text;
}

}  // namespace

std::vector<uid_t> users() {
  if (geteuid() == 0) return {0, kOrdinaryUser};
  return {geteuid()};
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

LaunchSpec basic_spec(std::vector<std::string> command, const Scratch& scratch) {
  LaunchSpec spec;
  spec.plan.mounts = {{Mount::Kind::read_only, "/", true},
                      {Mount::Kind::read_write, scratch.path(), true}};
  spec.command = std::move(command);
  spec.environment = {{"PATH", "/usr/bin:/bin:/usr/sbin:/sbin"}, {"LC_ALL", "C"}};
  spec.working_directory = scratch.path();
  spec.filter = {allow_everything()};
  return spec;
}

LaunchSpec script_spec(const std::string& script, const Scratch& scratch) {
  return basic_spec({"bash", "-c", script}, scratch);
}

void be_launcher(const Launcher& launcher) {
  become(launcher.user);
  if (launcher.before) launcher.before();
  if (!reserve_standard_descriptors()) _exit(99);
  asio::io_context io;
  const Result<int> result = launch(launcher.spec, io, [&](std::vector<UniqueFd> listeners) {
    if (launcher.serve) launcher.serve(io, std::move(listeners));
    return ok();
  });
  if (!result) {
    std::fprintf(stderr, "%s (%s)\n", result.error().message.c_str(), result.error().help.c_str());
    _exit(125);
  }
  _exit(*result);
}

Ending run(const Launcher& launcher) {
  int out[2];
  int err[2];
  check(pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0, "pipe2");
  std::fflush(nullptr);
  const pid_t pid = fork();
  check(pid >= 0, "fork");
  if (pid == 0) {
    set_input(launcher.input);
    dup2(out[1], 1);
    dup2(err[1], 2);
    be_launcher(launcher);
  }
  close(out[1]);
  close(err[1]);
  Ending ending;
  std::thread reader([&] { ending.err = drain(err[0]); });
  ending.out = drain(out[0]);
  reader.join();
  close(out[0]);
  close(err[0]);
  ending.status = wait_for_end(pid);
  return ending;
}

pid_t start(const Launcher& launcher, int output) {
  std::fflush(nullptr);
  const pid_t pid = fork();
  check(pid >= 0, "fork");
  if (pid == 0) {
    setsid();
    set_input(launcher.input);
    dup2(output, 1);
    dup2(output, 2);
    be_launcher(launcher);
  }
  return pid;
}

std::vector<pid_t> session_members(pid_t id) {
  std::vector<pid_t> members;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    pid_t pid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ec != std::errc()) continue;
    // A process that ends meanwhile is none.
    const UniqueFd file(open((entry.path() / "stat").c_str(), O_RDONLY | O_CLOEXEC));
    const std::string text = file ? drain(file.get()) : "";
    // proc_pid_stat(5): "PID (COMMAND) STATE PPID PGRP SESSION …", and COMMAND may hold anything.
    int session = 0;
    char state = 0;
    const std::size_t command_end = text.rfind(')');
    if (command_end != std::string::npos &&
        std::sscanf(text.c_str() + command_end + 1, " %c %*d %*d %d", &state, &session) == 2 &&
        session == id && state != 'Z') {
      members.push_back(pid);
    }
  }
  return members;
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

}  // namespace srt::live
