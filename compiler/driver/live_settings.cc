#include "compiler/driver/live_settings.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "compiler/driver/cache.h"
#include "compiler/frontend/front_end.h"
#include "compiler/frontend/limits.h"
#include "runtime/base/complain.h"
#include "runtime/base/exit_status.h"
#include "runtime/base/file.h"
#include "runtime/base/unique_fd.h"

namespace srt::driver {
namespace {

Error start_error() { return {std::string("cannot listen for settings: ") + std::strerror(errno)}; }

// What the process for settings does.
class LiveSettings {
 public:
  LiveSettings(UniqueFd lines, UniqueFd paths, const Caller& caller)
      : lines_(std::move(lines)), paths_(std::move(paths)), caller_(caller) {}

  // Returns when nobody reads the paths: what is at the last one ends with this process.
  void serve() {
    std::array<char, 4096> buffer;
    while (true) {
      const ssize_t size = read(lines_.get(), buffer.data(), buffer.size());
      if (size < 0 && errno == EINTR) continue;
      if (size < 0 && errno == EAGAIN) {
        // Whoever gave the descriptor made it so; they may share it.
        pollfd ready = {lines_.get(), POLLIN, 0};
        poll(&ready, 1, -1);
        continue;
      }
      if (size <= 0) break;
      if (!take({buffer.data(), static_cast<std::size_t>(size)})) return;
    }
    // As of the package, whose lines may end with the descriptor.
    if (!line_.empty() && !end_line()) return;
    lines_.reset();
    pollfd reader = {paths_.get(), 0, 0};
    while (poll(&reader, 1, -1) < 0 && errno == EINTR) continue;
  }

 private:
  bool take(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::size_t end = std::min(bytes.find('\n'), bytes.size());
      // One byte more than a policy may have tells that the line is too long.
      line_ += bytes.substr(0, std::min(end, kMaxPolicyBytes + 1 - line_.size()));
      if (end == bytes.size()) return true;
      bytes.remove_prefix(end + 1);
      if (!end_line()) return false;
    }
    return true;
  }

  bool end_line() {
    ++number_;
    const std::string line = std::exchange(line_, {});
    if (line.find_first_not_of(" \t\r") == std::string::npos) return true;
    const Status replaced = replace(line);
    if (!replaced) {
      complain("srt", Error{fmt::format("the network rules stay: line {} on the control "
                                        "descriptor: {}",
                                        number_, replaced.error().message),
                            replaced.error().help});
      return true;
    }
    // srt-run reads what is newest when it comes to the path, so none that it has not read yet has
    // to be kept.
    return write_all(paths_.get(), fmt::format("/proc/{}/fd/{}\n", getpid(), bundle_.get()));
  }

  Status replace(const std::string& line) {
    if (!is_settings(line)) {
      return Error{"it is no JSON object", "write the whole settings on one line"};
    }
    const std::string name = fmt::format("<control line {}>", number_);
    Result<std::optional<UniqueFd>> made = bundle_in_memory(name, line, caller_);
    if (!made) return made.error();
    if (!*made) return Error{"the settings do not compile"};
    if (!bundle_) {
      bundle_ = **std::move(made);
    } else if (dup3((*made)->get(), bundle_.get(), O_CLOEXEC) < 0) {
      return start_error();
    }
    return ok();
  }

  UniqueFd lines_;
  UniqueFd paths_;
  const Caller& caller_;
  // Of the last line that compiled.
  UniqueFd bundle_;
  std::string line_;
  std::size_t number_ = 0;
};

// Takes this process out of the terminal's job, so that no key and no hang-up reaches it, and ties
// its life to that of `parent`.
bool detach(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent || setsid() < 0) return false;
  for (const int number : {SIGINT, SIGQUIT, SIGHUP, SIGTERM, SIGUSR1, SIGUSR2, SIGPIPE}) {
    std::signal(number, SIG_IGN);
  }
  return true;
}

// Closes all that this process was given but standard error and two others: nobody outside is to
// wait for its end.
bool keep_only(const UniqueFd& one, const UniqueFd& other) {
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(nothing, STDOUT_FILENO) < 0) {
    return false;
  }
  const auto low = static_cast<unsigned>(std::min(one.get(), other.get()));
  const auto high = static_cast<unsigned>(std::max(one.get(), other.get()));
  const auto close_between = [](unsigned first, unsigned last) {
    return first > last || close_range(first, last, 0) == 0;
  };
  return close_between(STDERR_FILENO + 1, low - 1) && close_between(low + 1, high - 1) &&
         close_between(high + 1, ~0U);
}

// Has a process of its own do the work, whose death would else pass unnoticed: srt-run sees no more
// than that no path comes.
template <typename Work>
void watch_worker(Work work) {
  const pid_t parent = getpid();
  const pid_t worker = fork();
  if (worker == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent) work();
    _exit(kExitDone);
  }
  close_range(STDERR_FILENO + 1, ~0U, 0);
  int status = 0;
  while (worker > 0 && waitpid(worker, &status, 0) < 0 && errno == EINTR) continue;
  if (worker > 0 && !WIFSIGNALED(status)) return;
  const std::string reason =
      worker < 0 ? "no process can be made for them"
                 : fmt::format("what reads them has crashed (signal {})", WTERMSIG(status));
  complain("srt", Error{"the network rules stay, whatever settings come: " + reason,
                        "start the command again to replace them"});
}

}  // namespace

Result<int> start_live_settings(UniqueFd control, const Caller& caller) {
  std::array<int, 2> ends;
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return start_error();
  UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) return start_error();
  if (child > 0) {
    // srt-run inherits it.
    if (fcntl(reading.get(), F_SETFD, 0) != 0) return start_error();
    return reading.release();
  }
  if (!detach(parent) || !keep_only(control, writing)) _exit(kExitFailure);
  reading.release();
  watch_worker([&] { LiveSettings(std::move(control), std::move(writing), caller).serve(); });
  _exit(kExitDone);
}

}  // namespace srt::driver
