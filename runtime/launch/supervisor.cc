#include "runtime/launch/supervisor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/complain.h"
#include "runtime/base/stop_process.h"
#include "runtime/launch/mask_keeper.h"
#include "runtime/launch/pass_descriptors.h"
#include "runtime/launch/pidfd.h"
#include "runtime/stage/stage_message.h"

namespace srt {
namespace {

constexpr int kSignalStatus = 128;

std::string mount_text(StageFailure failure, const std::string& path) {
  switch (failure) {
    case StageFailure::mount_missing:
      return fmt::format("the mount at `{}` was lost", path);
    case StageFailure::mount_writable:
      return fmt::format("the mount at `{}` is writable", path);
    default:
      return fmt::format("the mount at `{}` is readable", path);
  }
}

Error stage_error(const StageReport& report, const std::vector<CheckedMount>& mounts) {
  const std::string reason = report.error == 0 ? "" : fmt::format(": {}", strerror(report.error));
  switch (report.failure) {
    case StageFailure::message_damaged:
      return {"the second stage cannot read what the launcher told it" + reason};
    case StageFailure::mount_missing:
    case StageFailure::mount_writable:
    case StageFailure::mount_readable: {
      const std::string path = report.subject < mounts.size() ? mounts[report.subject].path : "?";
      return {mount_text(report.failure, path) + reason,
              "something on the host changed the path during the launch, or put a symbolic link "
              "there; start again"};
    }
    case StageFailure::private_tmp:
      return {"cannot make the private temporary directory" + reason};
    case StageFailure::process:
      return {"cannot make a process for the command" + reason};
    case StageFailure::limit:
      return {fmt::format("cannot set the limit on {}{}",
                          report.subject < kLimits.size() ? kLimits[report.subject].name : "?",
                          reason)};
    case StageFailure::privileges:
      return {"cannot give up new privileges" + reason};
    case StageFailure::scope:
      return {"cannot restrict the command with Landlock" + reason};
    case StageFailure::guard:
      return {"names that do not exist yet cannot be guarded" + reason,
              "check that nothing around srt-run forbids seccomp's user notification"};
    case StageFailure::filter:
      return {"the kernel refuses the seccomp filter" + reason,
              "check that the bundle was compiled for this machine's architecture"};
  }
  return {"the second stage failed" + reason};
}

class Supervisor {
 public:
  Supervisor(RunningLaunch running, asio::io_context& io)
      : io_(io),
        running_(std::move(running)),
        control_(io),
        signals_(io),
        masks_(io, std::move(running_.plan)) {}

  Result<int> run() {
    asio::error_code failure;
    control_.assign(running_.control.release(), failure);
    if (!failure) signals_.assign(running_.signals.release(), failure);
    if (failure) return watch_error(failure);
    read_signals();
    if (!outcome_) let_start();
    watch_control();
    watch_signals();
    while (!outcome_) {
      io_.restart();
      io_.run();
    }
    running_.bwrap.end();
    return *std::move(outcome_);
  }

 private:
  using Watched = asio::posix::stream_descriptor;

  /// The stage waits for this, so that the proxy is ready before anything of the command runs.
  /// Where the stage is gone the end of its reports tells.
  void let_start() {
    const char go = 1;
    may_start_ = true;
    if (send(control_.native_handle(), &go, sizeof(go), MSG_NOSIGNAL) > 0) return;
    if (errno == EPIPE || errno == ECONNRESET) return;
    finish(Error{fmt::format("cannot start the command: {}", std::strerror(errno))});
  }

  static Error watch_error(const asio::error_code& failure) {
    return {"cannot watch the sandbox: " + failure.message()};
  }

  void watch_control() {
    control_.async_wait(Watched::wait_read, [this](asio::error_code failure) {
      if (failure) return finish(watch_error(failure));
      read_report();
      if (!outcome_) watch_control();
    });
  }

  void watch_signals() {
    signals_.async_wait(Watched::wait_read, [this](asio::error_code failure) {
      if (failure) return finish(watch_error(failure));
      read_signals();
      if (!outcome_) watch_signals();
    });
  }

  void finish(Result<int> outcome) {
    if (!outcome_) outcome_ = std::move(outcome);
    io_.stop();
  }

  void read_report() {
    ReceivedReport received;
    const ssize_t size = receive_report(control_.native_handle(), received);
    if (size < ssize_t{sizeof(StageReport)}) return finish(ended_without_report());
    const StageReport& report = received.report;
    switch (report.event) {
      case StageReport::Event::listening:
      case StageReport::Event::guarded:
        return;
      case StageReport::Event::refused:
        return tell_of_refused(received);
      case StageReport::Event::started:
        if (!received.descriptors.empty()) command_ = std::move(received.descriptors.front());
        for (const int number : held_) signal_command(number);
        held_.clear();
        if (command_)
          masks_.begin(command_.get(), [this](Error error) { finish(std::move(error)); });
        return;
      case StageReport::Event::not_executed:
        complain("srt-run", Error{fmt::format("`{}`: {}", running_.command,
                                              report.value == 127 ? "command not found"
                                                                  : strerror(report.error))});
        return finish(report.value);
      case StageReport::Event::stopped:
        if (!has_terminal()) {
          stopped_ = true;
          return;
        }
        stop_process(report.value);
        signal_command(SIGCONT);
        return;
      case StageReport::Event::exited:
        return finish(WIFSIGNALED(report.value) ? kSignalStatus + WTERMSIG(report.value)
                                                : WEXITSTATUS(report.value));
      case StageReport::Event::failed:
        return finish(stage_error(report, running_.mounts));
    }
  }

  void tell_of_refused(const ReceivedReport& received) const {
    if (!running_.on_refused_name) return;
    const std::string_view texts = received.texts;
    const std::size_t end = texts.find('\0');
    if (end == std::string_view::npos) return;
    const std::string_view program = texts.substr(end + 1);
    running_.on_refused_name({.rule = received.report.subject,
                              .path = std::string(texts.substr(0, end)),
                              .program = std::string(program.substr(0, program.find('\0'))),
                              .thread = received.report.value});
  }

  /// The stage is gone. After the command's start only a SIGKILL from outside can have done that,
  /// the out-of-memory killer's for example, and it took the command along.
  Result<int> ended_without_report() {
    if (command_) return kSignalStatus + SIGKILL;
    running_.bwrap.end();
    char text[4096];
    const ssize_t size = read(running_.bwrap_error.get(), text, sizeof(text));
    std::string_view said(text, size > 0 ? static_cast<std::size_t>(size) : 0);
    said = said.substr(0, said.find('\n'));
    if (said.starts_with("bwrap: ")) said.remove_prefix(7);
    if (said.empty()) return Error{"bubblewrap ended without saying why"};
    return Error{
        fmt::format("bubblewrap failed: {}", said),
        "check that the working directory and the policy's paths exist and can be reached"};
  }

  void read_signals() {
    signalfd_siginfo info;
    while (!outcome_ && read(signals_.native_handle(), &info, sizeof(info)) == sizeof(info)) {
      const int number = static_cast<int>(info.ssi_signo);
      // Of a command that is not stopped it is srt-run that went on.
      if (number == SIGCONT && !stopped_) continue;
      if (!may_start_) {
        finish(kSignalStatus + number);
      } else if (!command_) {
        // The command may run already, with the report of it on the way.
        held_.push_back(number);
      } else if (info.ssi_code <= 0) {
        // Sent by a process. What the terminal sends has gone to the command already.
        signal_command(number);
      }
    }
  }

  void signal_command(int number) {
    if (!command_) return;
    signal_process(command_.get(), number);
    // As shells do to a job that is stopped, or the signal would wait.
    if (std::exchange(stopped_, false)) signal_process(command_.get(), SIGCONT);
  }

  /// Whether somebody could be there who goes on with stopped jobs. Without a terminal, srt-run
  /// does not stop when the command does: nothing that is sent to it could be passed on.
  static bool has_terminal() {
    return static_cast<bool>(UniqueFd(open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY)));
  }

  asio::io_context& io_;
  RunningLaunch running_;
  Watched control_;
  Watched signals_;
  MaskKeeper masks_;
  bool may_start_ = false;
  UniqueFd command_;       // a pidfd, from the report of the command's start on
  bool stopped_ = false;   // the command, and srt-run is not
  std::vector<int> held_;  // signals that came before that report
  std::optional<Result<int>> outcome_;
};

}  // namespace

Result<int> supervise(RunningLaunch running, asio::io_context& io) {
  return Supervisor(std::move(running), io).run();
}

}  // namespace srt
