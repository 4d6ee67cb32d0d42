#include "runtime/seatbelt/launch.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>

#include "runtime/base/stop_process.h"
#include "runtime/base/unique_fd.h"
#include "runtime/seatbelt/sandbox_exec.h"

namespace srt {
namespace {

constexpr int kSignalStatus = 128;

Error start_error(int error) {
  return {std::string("cannot start `") + sandbox_exec_program() + "`: " + std::strerror(error),
          "`srt-run --doctor` looks at what is needed"};
}

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

// Has all descriptors above 2 closed when a program is executed. False, with errno, when they
// cannot be found.
bool close_others_on_exec() {
  const std::unique_ptr<DIR, CloseDirectory> open_ones(opendir("/dev/fd"));
  if (open_ones == nullptr) return false;
  while (const dirent* entry = readdir(open_ones.get())) {
    const int fd = std::atoi(entry->d_name);
    // One that was closed meanwhile, as this listing's own, does no harm.
    if (fd > STDERR_FILENO) fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
  return true;
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> out;
  for (const std::string& word : words) out.push_back(const_cast<char*>(word.c_str()));
  out.push_back(nullptr);
  return out;
}

// In the child. Tells an error number where it does not become the program.
[[noreturn]] void become(const SeatbeltLaunch& launch, const LaunchSignals& signals, int failure) {
  std::vector<std::string> environment;
  for (const auto& [name, value] : launch.environment) environment.push_back(name + '=' + value);
  if (close_others_on_exec()) {
    signals.give_back();
    execve(sandbox_exec_program(), pointers(launch.words).data(), pointers(environment).data());
  }
  const int error = errno;
  [[maybe_unused]] const ssize_t written = write(failure, &error, sizeof(error));
  _exit(kSignalStatus - 1);
}

// Starts it, and returns when it has become sandbox-exec.
Result<pid_t> start(const SeatbeltLaunch& launch, const LaunchSignals& signals) {
  int ends[2];
  if (pipe(ends) != 0) return start_error(errno);
  const UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  signals.hold();
  const pid_t child = fork();
  if (child == 0) become(launch, signals, writing.get());
  const int fork_error = errno;
  signals.release();
  if (child < 0) return start_error(fork_error);
  writing.reset();
  int error = 0;
  ssize_t size = 0;
  while ((size = read(reading.get(), &error, sizeof(error))) < 0 && errno == EINTR) continue;
  if (size <= 0) return child;
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) continue;
  return start_error(error);
}

UniqueFd terminal() { return UniqueFd(open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY)); }

// Whether the terminal itself may have sent a signal, to the whole group: the command has it then.
// Not every kernel says who sent one.
bool may_be_of_terminal(const SignalNote& note) {
  if (note.from_process || (note.number != SIGINT && note.number != SIGQUIT)) return false;
  const UniqueFd here = terminal();
  return here && tcgetpgrp(here.get()) == getpgrp();
}

class Supervisor {
 public:
  Supervisor(pid_t command, const LaunchSignals& signals, asio::io_context& io)
      : command_(command), io_(io), notes_(io) {
    // A descriptor of its own: what asio watches it also closes.
    asio::error_code failure;
    notes_.assign(fcntl(signals.notes(), F_DUPFD_CLOEXEC, 0), failure);
    if (failure) {
      outcome_ = Error{"cannot watch for signals: " + failure.message()};
      kill(command_, SIGKILL);
    }
  }

  Result<int> run() {
    watch();
    reap();  // it may have ended before anybody watched
    while (!outcome_) {
      io_.restart();
      io_.run();
    }
    return *std::move(outcome_);
  }

 private:
  void watch() {
    notes_.async_wait(asio::posix::stream_descriptor::wait_read, [this](asio::error_code failure) {
      if (failure) return;
      read_notes();
      if (!outcome_) watch();
    });
  }

  void finish(Result<int> outcome) {
    if (!outcome_) outcome_ = std::move(outcome);
    io_.stop();
  }

  void read_notes() {
    SignalNote note;
    while (!outcome_ && read(notes_.native_handle(), &note, sizeof(note)) == sizeof(note)) {
      if (note.number == SIGCHLD) {
        reap();
      } else if (note.number == SIGCONT && !stopped_) {
        continue;  // it is srt-run that went on
      } else if (!may_be_of_terminal(note)) {
        pass_on(note.number);
      }
    }
  }

  void pass_on(int number) {
    kill(command_, number);
    // As shells do to a job that is stopped, or the signal would wait.
    if (std::exchange(stopped_, false)) kill(command_, SIGCONT);
  }

  void reap() {
    int status = 0;
    while (!outcome_ && waitpid(command_, &status, WNOHANG | WUNTRACED) == command_) {
      if (WIFSTOPPED(status)) {
        follow_stop(WSTOPSIG(status));
      } else {
        finish(WIFSIGNALED(status) ? kSignalStatus + WTERMSIG(status) : WEXITSTATUS(status));
      }
    }
  }

  // Without a terminal nobody is there who would let this process go on.
  void follow_stop(int number) {
    if (!terminal()) {
      stopped_ = true;
      return;
    }
    stop_process(number);
    kill(command_, SIGCONT);
  }

  pid_t command_;
  asio::io_context& io_;
  asio::posix::stream_descriptor notes_;
  bool stopped_ = false;  // the command, and srt-run is not
  std::optional<Result<int>> outcome_;
};

}  // namespace

Result<int> launch_seatbelt(const SeatbeltLaunch& launch, LaunchSignals& signals,
                            asio::io_context& io, const std::function<void()>& started) {
  const Result<pid_t> command = start(launch, signals);
  if (!command) return command.error();
  started();
  return Supervisor(*command, signals, io).run();
}

}  // namespace srt
