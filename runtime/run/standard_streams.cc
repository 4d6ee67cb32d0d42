#include "runtime/run/standard_streams.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/kcmp.h>
#include <linux/limits.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "runtime/base/system_error.h"
#include "runtime/launch/memory_device.h"

namespace srt {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"standard input", "standard output",
                                                    "standard error"};

bool is_anonymous_pipe(int fd) {
  struct statfs system;
  return fstatfs(fd, &system) == 0 && system.f_type == PIPEFS_MAGIC;
}

/// The name by which the kernel knows what is open, if it is still there by that name.
std::optional<std::string> name_of(int fd, const struct stat& status) {
  char name[PATH_MAX];
  const ssize_t size = readlink(fmt::format("/proc/self/fd/{}", fd).c_str(), name, sizeof(name));
  if (size <= 0 || size == sizeof(name)) return std::nullopt;
  std::string path(name, static_cast<std::size_t>(size));
  struct stat there;
  if (lstat(path.c_str(), &there) != 0 || there.st_dev != status.st_dev ||
      there.st_ino != status.st_ino) {
    return std::nullopt;
  }
  return path;
}

struct Behind {
  bool needs_pipe = false;
  std::string name = {};  ///< of what is behind, as far as it is known
};

/// A connected unix stream stays connected: connect(2) on it is EISCONN for good. One of the
/// internet's is of the host's network, and can be disconnected with AF_UNSPEC and connected
/// anew; datagrams go wherever they are sent.
Result<Behind> look_at_socket(int fd) {
  int domain = 0;
  int type = 0;
  socklen_t size = sizeof(int);
  sockaddr_storage peer;
  socklen_t peer_size = sizeof(peer);
  const bool leads_elsewhere =
      getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0 ||
      getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
      (type != SOCK_STREAM && (domain != AF_UNIX || type != SOCK_SEQPACKET)) ||
      getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &peer_size) != 0;
  if (leads_elsewhere) {
    return Error{fmt::format("{} is a socket that the command could send or connect elsewhere",
                             kNames[static_cast<std::size_t>(fd)]),
                 "give it one that is connected, as a stream"};
  }
  return Behind{domain != AF_UNIX, "a connection of the host's network"};
}

class Judge {
 public:
  explicit Judge(const MountPlan& plan) : plan_(plan) {}

  Result<Behind> look(int fd) const {
    const std::string_view stream = kNames[static_cast<std::size_t>(fd)];
    struct stat status;
    const int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fstat(fd, &status) != 0) return system_error(stream);
    if (S_ISDIR(status.st_mode)) {
      return Error{fmt::format("{} is a directory, by which the command would reach all that is "
                               "in it and above it",
                               stream),
                   "redirect it from or to a file"};
    }
    if ((flags & O_PATH) != 0 || (status.st_mode & S_IFMT) == 0) {
      return Error{fmt::format("{} is no file, pipe, socket or terminal", stream),
                   "redirect it from or to one of these"};
    }
    if (S_ISSOCK(status.st_mode)) return look_at_socket(fd);
    if (S_ISFIFO(status.st_mode) && is_anonymous_pipe(fd)) return Behind{};
    if (S_ISCHR(status.st_mode) && (isatty(fd) == 1 || memory_device(status.st_rdev) != nullptr)) {
      return Behind{};
    }
    const std::optional<std::string> name = name_of(fd, status);
    if (!name) return Behind{true, "a file without a name"};
    return Behind{!lets_write(plan_, *name), "`" + *name + "`"};
  }

 private:
  const MountPlan& plan_;
};

/// Whether output and errors are one open file, in which the order of what is written shows. Where
/// the kernel does not tell they are taken for one: what goes wrong then is at most the place of
/// errors.
bool are_one(int first, int second) {
  const pid_t self = getpid();
  const long order = syscall(SYS_kcmp, self, self, KCMP_FILE, first, second);
  return order <= 0;
}

}  // namespace

Result<StandardStreams> StandardStreams::make(const MountPlan& plan, asio::io_context& io) {
  StandardStreams streams;
  const Judge judge(plan);
  for (int fd = 0; fd <= 2; ++fd) {
    const auto index = static_cast<std::size_t>(fd);
    struct stat status;
    if (isatty(fd) == 1 && fstat(fd, &status) == 0) {
      streams.terminals_.push_back({fd, status.st_mode & 07777});
    }
    const Result<Behind> behind = judge.look(fd);
    if (!behind) return behind.error();
    if (!behind->needs_pipe) continue;
    streams.notes_.push_back(fmt::format(
        "{} is {}, which the policy does not let the command write: it gets a pipe instead",
        kNames[index], behind->name));
    if (fd == 2 && streams.descriptors_[1] != 1 && are_one(1, 2)) {
      streams.descriptors_[2] = streams.descriptors_[1];
      continue;
    }
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return system_error("cannot create a pipe");
    UniqueFd inner(ends[fd == 0 ? 0 : 1]);
    UniqueFd outer(ends[fd == 0 ? 1 : 0]);
    UniqueFd own(fcntl(fd, F_DUPFD_CLOEXEC, 3));
    // The end that stays here must not block the loop.
    if (!own || fcntl(outer.get(), F_SETFL, O_NONBLOCK) != 0) {
      return system_error("cannot set up a pipe");
    }
    if (fd == 0) {
      streams.unread_.reset(fcntl(inner.get(), F_DUPFD_CLOEXEC, 3));
      streams.input_ = std::make_unique<Pump>(io, std::move(own), std::move(outer));
    } else {
      streams.outputs_.push_back(
          {std::make_unique<Pump>(io, std::move(outer), std::move(own)), fd});
    }
    streams.descriptors_[index] = inner.get();
    streams.inner_ends_.push_back(std::move(inner));
  }
  return streams;
}

void StandardStreams::start() {
  inner_ends_.clear();
  if (input_) input_->start();
  for (const Output& output : outputs_) output.pump->start();
}

void StandardStreams::give_back() {
  if (!input_) return;
  int in_pipe = 0;
  ioctl(unread_.get(), FIONREAD, &in_pipe);
  const off_t left = static_cast<off_t>(input_->held()) + in_pipe;
  // A pipe or a socket cannot be sought, and what was taken from it is lost.
  if (left > 0) lseek(0, -left, SEEK_CUR);
  input_.reset();
}

Status StandardStreams::finish() {
  inner_ends_.clear();
  for (const Terminal& terminal : terminals_) fchmod(terminal.number, terminal.mode);
  give_back();
  for (const Output& output : outputs_) {
    if (const Status finished = output.pump->finish(); !finished) {
      return Error{fmt::format("cannot write to {}: {}",
                               kNames[static_cast<std::size_t>(output.number)],
                               finished.error().message)};
    }
  }
  return ok();
}

}  // namespace srt
