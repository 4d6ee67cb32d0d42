#include "tests/live/launch/sandbox.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "runtime/base/standard_descriptors.h"

namespace srt::live {
namespace {

std::uint64_t allow_everything() {
  const sock_filter instruction = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  std::uint64_t word;
  std::memcpy(&word, &instruction, sizeof(word));
  return word;
}

}  // namespace

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
  const Result<int> result = launch(launcher.spec, io, [&](SandboxNetwork network) {
    if (launcher.serve) launcher.serve(io, std::move(network));
    return ok();
  });
  if (!result) {
    std::fprintf(stderr, "%s (%s)\n", result.error().message.c_str(), result.error().help.c_str());
    _exit(125);
  }
  _exit(*result);
}

Ending run(const Launcher& launcher) {
  return run_forked(launcher.input, [&] { be_launcher(launcher); });
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

}  // namespace srt::live
