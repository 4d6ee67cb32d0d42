#include "tests/live/support/terminal.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include "tests/live/support/host.h"

namespace srt::live {
namespace {

int be_shell(uid_t owner, const std::function<void()>& program) {
  signal(SIGTTOU, SIG_IGN);
  // As login(1) leaves it.
  if (geteuid() == 0) check(fchown(0, owner, owner) == 0, "fchown");
  const pid_t job = fork();
  if (job == 0) {
    setpgid(0, 0);
    tcsetpgrp(0, getpid());
    signal(SIGTTOU, SIG_DFL);
    program();
  }
  for (int status; waitpid(job, &status, WUNTRACED) == job;) {
    if (WIFSTOPPED(status)) {
      dprintf(1, "stopped by %d\n", WSTOPSIG(status));
      kill(-job, SIGCONT);
      continue;
    }
    dprintf(1, "ended with %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    return 0;
  }
  return 1;
}

}  // namespace

Terminal::Terminal(uid_t owner, const std::function<void()>& program) {
  int master = -1;
  shell_ = forkpty(&master, nullptr, nullptr, nullptr);
  check(shell_ >= 0, "forkpty");
  if (shell_ == 0) _exit(be_shell(owner, program));
  master_.reset(master);
}

Terminal::~Terminal() {
  kill(shell_, SIGKILL);
  waitpid(shell_, nullptr, 0);
}

void Terminal::type(const std::string& text) {
  check(write(master_.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()),
        "write");
}

bool Terminal::await(const std::string& text) {
  return wait_until([&] {
    pollfd ready = {.fd = master_.get(), .events = POLLIN, .revents = 0};
    char buffer[512];
    while (poll(&ready, 1, 0) > 0) {
      const ssize_t size = read(master_.get(), buffer, sizeof(buffer));
      if (size <= 0) break;
      seen_.append(buffer, static_cast<std::size_t>(size));
    }
    return has_printed(text);
  });
}

void Terminal::resize(unsigned short rows, unsigned short columns) {
  const winsize size = {.ws_row = rows, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
  check(ioctl(master_.get(), TIOCSWINSZ, &size) == 0, "ioctl");
}

}  // namespace srt::live
