#include "tests/live/run/account.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>

namespace srt::live {

const std::string& programs() {
  static const Scratch copies(geteuid());
  static const bool copied = [] {
    for (const char* name : {"srtc", "srt-run", "srt", "srt-probe", "srt-calls"}) {
      std::filesystem::copy_file(std::string(SRT_BIN_DIR) + '/' + name, copies / name);
    }
    return true;
  }();
  check(copied, "copy");
  return copies.path();
}

Account::Account(uid_t user) : user_(user), root_(user) {
  // What outlives its parent becomes a child of this process, where it is seen.
  check(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0, "prctl");
  directory_ = directory("project");
  environment_ = {{"PATH", programs() + ":/usr/bin:/bin:/usr/sbin:/sbin"},
                  {"HOME", directory("home")},
                  {"LC_ALL", "C"}};
}

Account::~Account() {
  const bool nothing_left = wait_until([] {
    while (waitpid(-1, nullptr, WNOHANG) > 0) continue;
    return waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD;
  });
  CHECK(nothing_left);
}

std::string Account::file(const std::string& name, const std::string& text, mode_t mode) const {
  return root_.file(name, text, mode);
}

std::string Account::directory(const std::string& name) const { return root_.directory(name); }

void Account::set(const std::string& variable, const std::string& value) {
  unset(variable);
  environment_.emplace_back(variable, value);
}

void Account::unset(const std::string& variable) {
  std::erase_if(environment_, [&](const auto& entry) { return entry.first == variable; });
}

void Account::become_program(const std::vector<std::string>& words) const {
  setsid();
  check(chdir(directory_.c_str()) == 0, "chdir");
  if (before_) before_();
  become(user_);
  clearenv();
  for (const auto& [name, value] : environment_) setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
  std::perror(argv[0]);
  _exit(99);
}

Ending Account::run(const std::vector<std::string>& words) const {
  return run_forked(-1, [&] { become_program(words); });
}

pid_t Account::start(const std::vector<std::string>& words, int output) const {
  std::fflush(nullptr);
  const pid_t pid = fork();
  check(pid >= 0, "fork");
  if (pid == 0) {
    set_input(-1);
    dup2(output, 1);
    dup2(output, 2);
    become_program(words);
  }
  return pid;
}

std::string Account::compile(const std::string& policy) const {
  const std::string source = file("policy.srt", policy);
  const std::string bundle = *this / "policy.srtb";
  const Ending ending = run({"srtc", source, "-o", bundle});
  REQUIRE_MESSAGE(ending.status == 0, ending.err);
  return bundle;
}

Ending Account::run_under(const std::string& policy, const std::string& script) const {
  return run({"srt-run", compile(policy), "sh", "-c", script});
}

bool is_one_line(const std::string& text) {
  return !text.empty() && text.find('\n') == text.size() - 1;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace srt::live
